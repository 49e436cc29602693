//! The description of the format: every table, its keys, their kinds and defaults.
//!
//! Reading, errors with suggestions, the JSON Schema, the documentation and the filling in of defaults all come from
//! these tables; a key exists exactly when it stands here.

/// A table of the format.
#[derive(Debug)]
pub(super) struct Spec {
    /// As documentation and messages call it.
    pub(super) title: &'static str,
    /// What it is for, in a sentence.
    pub(super) doc: &'static str,
    /// The keys that it may have.
    pub(super) keys: &'static [Key],
    /// Further keys that the scenario names itself: what they are called, and what they hold.
    pub(super) named: Option<(&'static str, &'static Kind)>,
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
    pub(super) doc: &'static str,
    /// A value, as TOML writes it.
    pub(super) example: &'static str,
}

/// Whether a key must be there.
#[derive(Debug)]
pub(super) enum Presence {
    Required,
    Optional,
    /// As TOML writes it.
    Default(&'static str),
    /// What it is when absent, or when it is required, in words.
    When(&'static str),
}

/// What a value may be.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    Bool,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A number from the first to the second.
    Number(f64, f64),
    Share,
    /// A share less than 1.
    Chance,
    Money,
    Duration,
    /// A duration longer than nothing.
    Span,
    Size,
    Rate,
    EventRate,
    Dist(Quantity),
    Choice(&'static [&'static str]),
    /// The name of something; what.
    Name(&'static str),
    List(&'static Kind),
    Table(&'static Spec),
    /// A table whose keys the scenario chooses: what they are called, and what they hold.
    Map(&'static str, &'static Kind),
    /// A list of the second, or else the first.
    OneOrList(&'static Kind, &'static Kind),
    /// The word `"none"`, or else this.
    OrNone(&'static Kind),
}

/// What a distribution is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Duration,
    Rate,
    Share,
}

const fn key(name: &'static str, kind: Kind, presence: Presence, doc: &'static str, example: &'static str) -> Key {
    Key { name, kind, presence, doc, example }
}

use Presence::{Default, Optional, Required, When};

const DURATIONS: Kind = Kind::Dist(Quantity::Duration);

/// The whole file.
pub(super) static SCENARIO: Spec = Spec {
    title: "scenario",
    doc: "A scenario is one TOML file.",
    keys: &[
        key("title", Kind::Text, Default("\"\""), "For people.", "\"Web shop\""),
        key("description", Kind::Text, Default("\"\""), "For people.", "\"Three tiers in two regions\""),
        key("run", Kind::Table(&RUN), Default("{}"), "How much is simulated.", "{}"),
        key("workload", Kind::Table(&WORKLOAD), Required, "The service that is protected.", "{}"),
        key("objectives", Kind::Table(&OBJECTIVES), Default("{}"), "Targets for recovery time and data loss.", "{}"),
        key("sites", Kind::Map("SITE", &Kind::Text), Required, "Where the service can run, at least two.", "{}"),
        key("components", Kind::Map("COMPONENT", &Kind::Text), Default("{}"), "What else can be down.", "{}"),
        key("hazards", Kind::Map("HAZARD", &Kind::Table(&HAZARD)), Required, "What can fail.", "{}"),
        key("costs", Kind::Table(&COSTS), Default("{}"), "Prices.", "{}"),
        key("defaults", Kind::Table(&STRATEGY), Optional, "Keys for every strategy that does not say otherwise.", "{}"),
        key(
            "strategies",
            Kind::Map("STRATEGY", &Kind::Table(&STRATEGY)),
            Required,
            "What is done about failures, at least one.",
            "{}",
        ),
    ],
    named: None,
};

static RUN: Spec = Spec {
    title: "run",
    doc: "How much is simulated.",
    keys: &[
        key("histories", Kind::Whole(1, 1_000_000_000), Default("10_000"), "Simulated lives of the system.", "10_000"),
        key("horizon", Kind::Span, Default("\"10y\""), "Length of each.", "\"10y\""),
        key("seed", Kind::Whole(0, i64::MAX), Default("1"), "Seed of all random streams.", "1"),
    ],
    named: None,
};

static WORKLOAD: Spec = Spec {
    title: "workload",
    doc: "The service that is protected.",
    keys: &[
        key("home", Kind::Name("site"), Required, "The site where it normally runs.", "\"primary\""),
        key("data", Kind::Size, When("required where a step or price uses it"), "What is stored.", "\"2 TiB\""),
        key("write_rate", Kind::Rate, When("required where a price uses it"), "New or changed data.", "\"40 GiB/h\""),
        key(
            "required_capacity",
            Kind::Share,
            Default("1"),
            "Share of production load at which the service counts as restored.",
            "0.8",
        ),
        key(
            "needs",
            Kind::List(&Kind::Name("component")),
            Default("[]"),
            "Components that it needs wherever it runs.",
            "[\"dns\"]",
        ),
        key(
            "readiness",
            Kind::Choice(&["practised", "typical"]),
            Default("\"practised\""),
            "Figures of the built-in plans: tested monthly with the decision authorised beforehand, or as found in the field.",
            "\"typical\"",
        ),
    ],
    named: None,
};

const RTO: Key = key("rto", Kind::Duration, Optional, "Recovery time objective.", "\"1h\"");
const RPO: Key = key("rpo", Kind::Duration, Optional, "Recovery point objective.", "\"5m\"");

static OBJECTIVES: Spec = Spec {
    title: "objectives",
    doc: "Targets; a hazard's own stand in `objectives.HAZARD`, where they differ.",
    keys: &[
        RTO,
        RPO,
        key("attainment", Kind::Share, Default("0.95"), "Share of incidents that must meet both.", "0.95"),
    ],
    named: Some(("HAZARD", &Kind::Table(&OWN_OBJECTIVES))),
};

static OWN_OBJECTIVES: Spec = Spec {
    title: "objectives.HAZARD",
    doc: "Targets of one hazard; what is not said here is as in `objectives`.",
    keys: &[
        RTO,
        RPO,
        key("attainment", Kind::Share, When("as in `objectives`"), "Share of incidents that must meet both.", "0.95"),
    ],
    named: None,
};

static HAZARD: Spec = Spec {
    title: "hazards.HAZARD",
    doc: "An independent source of events; what fails together is one hazard.",
    keys: &[
        key("title", Kind::Text, When("its name"), "For people.", "\"Region lost\""),
        key(
            "takes_down",
            Kind::List(&Kind::Name("component")),
            When("this or `corrupts`"),
            "Components that go down; a site stands for both its planes.",
            "[\"primary\"]",
        ),
        key("corrupts", Kind::Choice(&["data"]), When("this or `takes_down`"), "What goes bad.", "\"data\""),
        key(
            "rate",
            Kind::EventRate,
            When("one of the four onsets"),
            "Onset: events per time, exponential gaps.",
            "\"0.76/y\"",
        ),
        key(
            "mttf",
            Kind::Span,
            When("one of the four onsets"),
            "Onset: mean time to failure, exponential gaps.",
            "\"180d\"",
        ),
        key(
            "time_to_failure",
            DURATIONS,
            When("one of the four onsets"),
            "Onset: gap from the end of one event to the next.",
            "{ weibull = { shape = 0.7, scale = \"1y\" } }",
        ),
        key(
            "at",
            Kind::List(&Kind::Duration),
            When("one of the four onsets"),
            "Onset: fixed instants, ascending, to replay real outages.",
            "[\"30d\", \"200d\"]",
        ),
        key("time_to_repair", DURATIONS, When("required with `takes_down`"), "How long it lasts.", "\"30m to 6h\""),
        key(
            "capacity_lost",
            Kind::Dist(Quantity::Share),
            Optional,
            "The data planes named stay up and lose this share of their capacity.",
            "0.3",
        ),
        key(
            "spreads_to",
            Kind::List(&Kind::Table(&SPREAD)),
            Default("[]"),
            "Further components that may follow.",
            "[{ component = \"dns\", time_to_repair = \"1h\" }]",
        ),
        key(
            "destroys_data",
            Kind::Share,
            Default("0"),
            "Probability that what is stored at the sites taken down is gone.",
            "0.5",
        ),
        key(
            "time_to_detect",
            DURATIONS,
            When("required with `corrupts`"),
            "From the onset of a corruption until it is found and the service stopped.",
            "\"1h to 5d\"",
        ),
        key(
            "destroys_backups",
            Kind::Share,
            Default("0"),
            "Probability that a corruption takes all copies that are not immutable.",
            "0.54",
        ),
        key(
            "response",
            Kind::Choice(&["fail-over", "wait"]),
            Default("\"fail-over\""),
            "Whether the failover plan is invoked.",
            "\"wait\"",
        ),
        key("source", Kind::Text, Required, "Where its figures come from.", "\"assumed\""),
    ],
    named: None,
};

static SPREAD: Spec = Spec {
    title: "spreads_to",
    doc: "A component that goes down after the onset of the hazard.",
    keys: &[
        key(
            "component",
            Kind::Name("component"),
            Required,
            "What goes down; a site stands for both its planes.",
            "\"recovery.control-plane\"",
        ),
        key("probability", Kind::Share, Default("1"), "How likely it is.", "0.15"),
        key("delay", DURATIONS, Default("\"0s\""), "From the onset.", "\"5m to 30m\""),
        key("time_to_repair", DURATIONS, Required, "How long it lasts.", "\"30m to 4h\""),
    ],
    named: None,
};

static COSTS: Spec = Spec {
    title: "costs",
    doc: "Prices, all in one currency.",
    keys: &[
        key("currency", Kind::Text, Default("\"USD\""), "Shown with every amount.", "\"EUR\""),
        key(
            "downtime_per_hour",
            Kind::OneOrList(&Kind::Money, &Kind::Table(&BAND)),
            Default("0"),
            "An hour of full outage; or a list by the age of the outage.",
            "60_000",
        ),
        key("data_loss_per_hour", Kind::Money, Default("0"), "An hour of lost data.", "25_000"),
        key("per_incident", Kind::Money, Default("0"), "Each incident.", "5_000"),
        key("per_failover", Kind::Money, Default("0"), "Each failover.", "8_000"),
        key("per_drill", Kind::Money, Default("0"), "Each drill.", "4_000"),
        key("per_backup", Kind::Money, Default("0"), "Each backup.", "2"),
        key("per_conflict", Kind::Money, Default("0"), "Each write lost to a conflict.", "0.5"),
        key("unrecoverable_loss", Kind::Money, Default("0"), "In place of lost data when all is lost.", "20_000_000"),
        key("infrastructure", Kind::Table(&INFRASTRUCTURE), Default("{}"), "What stands by.", "{}"),
    ],
    named: None,
};

static BAND: Spec = Spec {
    title: "downtime_per_hour",
    doc: "The price of an hour of outage from a certain age of the outage.",
    keys: &[
        key("from", Kind::Duration, Required, "Age of the outage; the first is \"0s\".", "\"4h\""),
        key("per_hour", Kind::Money, Required, "An hour of full outage.", "150_000"),
    ],
    named: None,
};

static INFRASTRUCTURE: Spec = Spec {
    title: "costs.infrastructure",
    doc: "What stands by, by the hour, the GiB and the month of 730 h.",
    keys: &[
        key("compute_per_hour", Kind::Money, Default("0"), "The whole production fleet.", "24.0"),
        key("database_per_hour", Kind::Money, Default("0"), "The production database.", "9.6"),
        key("storage_per_gib_month", Kind::Money, Default("0"), "Live data.", "0.115"),
        key("backup_per_gib_month", Kind::Money, Default("0"), "Backups.", "0.05"),
        key("transfer_per_gib", Kind::Money, Default("0"), "Data sent to another site.", "0.02"),
    ],
    named: None,
};

/// The built-in kinds of strategy.
pub(super) const KINDS: [&str; 6] =
    ["backup-restore", "pilot-light", "warm-standby", "hot-standby", "active-active", "custom"];

/// A strategy.
pub(super) static STRATEGY: Spec = Spec {
    title: "strategies.STRATEGY",
    doc: "Copies of the data, capacity that stands by, and two plans of steps. `[defaults]` takes the same keys.",
    keys: &[
        key("title", Kind::Text, When("its name"), "For people.", "\"Warm standby, 25%\""),
        key(
            "kind",
            Kind::Choice(&KINDS),
            When("required without `like`"),
            "The plan it starts from.",
            "\"warm-standby\"",
        ),
        key(
            "like",
            Kind::Name("strategy"),
            Optional,
            "Another strategy: all of that one, with these changes.",
            "\"warm-standby\"",
        ),
        key(
            "readiness",
            Kind::Choice(&["practised", "typical"]),
            When("the workload's"),
            "Figures of the built-in plan.",
            "\"typical\"",
        ),
        key(
            "to",
            Kind::List(&Kind::Name("site")),
            When("the order of the file"),
            "Order of the sites to fail over to.",
            "[\"recovery\"]",
        ),
        key(
            "standby_capacity",
            Kind::Share,
            When("0; hot-standby 1; required for warm-standby"),
            "Share of production capacity that stands by.",
            "0.25",
        ),
        key(
            "shares",
            Kind::Map("SITE", &Kind::Share),
            When("required for active-active"),
            "Share of the load that each site serves; they add up to 1.",
            "{ primary = 0.5, recovery = 0.5 }",
        ),
        key(
            "capacity",
            Kind::Map("SITE", &Kind::Share),
            When("required for active-active"),
            "Share of the whole load that each site can carry.",
            "{ primary = 1.0, recovery = 1.0 }",
        ),
        key(
            "replication",
            Kind::OrNone(&Kind::Table(&REPLICATION)),
            When("none; required where data are live"),
            "Asynchronous copies, live at every other site.",
            "{ lag = \"1s to 20s\", catch_up = 4.0 }",
        ),
        key(
            "backups",
            Kind::OrNone(&Kind::Table(&BACKUPS)),
            When("none"),
            "Copies made now and then.",
            "{ every = \"6h\", takes = \"20m to 90m\", kept_for = \"35d\" }",
        ),
        key(
            "point_in_time",
            Kind::OrNone(&Kind::Table(&POINT_IN_TIME)),
            When("none"),
            "Copies of every instant.",
            "{ lag = \"5m\", kept_for = \"35d\" }",
        ),
        key(
            "resume",
            DURATIONS,
            Default("\"0s\""),
            "Restart and check where it was, once the site is back.",
            "\"5m to 30m\"",
        ),
        key(
            "on_repair",
            Kind::Choice(&["resume", "continue"]),
            Default("\"resume\""),
            "What becomes of a failover plan when the site is back first.",
            "\"continue\"",
        ),
        key(
            "reprotect",
            DURATIONS,
            Default("\"0s\""),
            "How long both data planes must be up together before replication runs again.",
            "\"2h to 8h\"",
        ),
        key(
            "failback",
            Kind::OrNone(&Kind::Table(&FAILBACK)),
            When("none: the sites swap roles"),
            "The planned return home.",
            "{ after = \"1d to 4d\", takes = \"5m to 20m\" }",
        ),
        key("drills", Kind::OrNone(&Kind::Table(&DRILLS)), When("none"), "Rehearsals.", "{ every = \"180d\" }"),
        key(
            "writes",
            Kind::Choice(&["local", "global", "partitioned"]),
            Default("\"local\""),
            "Active/active: which sites take writes.",
            "\"global\"",
        ),
        key(
            "conflicts",
            Kind::OrNone(&Kind::Table(&CONFLICTS)),
            When("none"),
            "Active/active with local writes: writes that meet each other.",
            "{ writes_per_second = 300, hot_records = 2_000_000 }",
        ),
        key("extra_per_year", Kind::Money, Default("0"), "Money.", "60_000"),
        key(
            "failover",
            Kind::Map("STEP", &Kind::OrNone(&Kind::Table(&STEP))),
            When("the kind's"),
            "What is done when a site is lost.",
            "{}",
        ),
        key(
            "restore",
            Kind::Map("STEP", &Kind::OrNone(&Kind::Table(&STEP))),
            When("the kind's"),
            "What is done when the data are bad.",
            "{}",
        ),
    ],
    named: None,
};

static REPLICATION: Spec = Spec {
    title: "replication",
    doc: "Asynchronous copies of the data, live at every other site.",
    keys: &[
        key("lag", DURATIONS, Required, "How far a copy is behind; \"0s\" is synchronous.", "\"1s to 20s\""),
        key(
            "catch_up",
            Kind::Number(1.0, 1e9),
            Default("2"),
            "Source-seconds a second at which a backlog drains.",
            "4.0",
        ),
        key(
            "stress",
            Kind::Number(0.0, 1e9),
            Default("1"),
            "The lag is that much longer in an outage of the source.",
            "10.0",
        ),
    ],
    named: None,
};

const IMMUTABLE: Key = key("immutable", Kind::Bool, Default("false"), "Whether nobody can destroy it.", "true");
const AT: Key =
    key("at", Kind::List(&Kind::Name("site")), When("every site"), "The sites where it lies.", "[\"recovery\"]");

static BACKUPS: Spec = Spec {
    title: "backups",
    doc: "Copies made at regular intervals.",
    keys: &[
        key("every", Kind::Span, Required, "From one start to the next.", "\"6h\""),
        key("takes", DURATIONS, Default("\"0s\""), "From its start until it is usable.", "\"20m to 90m\""),
        key("kept_for", Kind::Span, Required, "From its start until it expires.", "\"35d\""),
        key("usable", Kind::Share, Default("1"), "Probability that it is intact.", "0.99"),
        IMMUTABLE,
        AT,
    ],
    named: None,
};

static POINT_IN_TIME: Spec = Spec {
    title: "point_in_time",
    doc: "Copies of every instant from `kept_for` ago to `lag` ago.",
    keys: &[
        key("lag", DURATIONS, Required, "How far the newest is behind.", "\"5m\""),
        key("kept_for", Kind::Span, Required, "How far back.", "\"35d\""),
        IMMUTABLE,
        AT,
    ],
    named: None,
};

static FAILBACK: Spec = Spec {
    title: "failback",
    doc: "The planned return home.",
    keys: &[
        key("after", DURATIONS, Required, "How long home must have been up.", "\"1d to 4d\""),
        key("takes", DURATIONS, Required, "Planned outage.", "\"5m to 20m\""),
    ],
    named: None,
};

static DRILLS: Spec = Spec {
    title: "drills",
    doc: "Rehearsals of the plans.",
    keys: &[key("every", Kind::Span, Required, "From one to the next.", "\"180d\"")],
    named: None,
};

static CONFLICTS: Spec = Spec {
    title: "conflicts",
    doc: "Writes that meet each other.",
    keys: &[
        key("writes_per_second", Kind::Number(0.0, 1e12), Required, "Of the whole workload.", "300"),
        key(
            "hot_records",
            Kind::Number(1.0, 1e18),
            Required,
            "Records among which the writes are spread evenly.",
            "2_000_000",
        ),
    ],
    named: None,
};

/// A step of a plan.
pub(super) static STEP: Spec = Spec {
    title: "failover.STEP and restore.STEP",
    doc: "A step of a plan. In a built-in plan it changes the named keys of a step, adds a step, or (`\"none\"`) removes one.",
    keys: &[
        key("after", Kind::List(&Kind::Name("step")), Default("[]"), "Steps that come before it.", "[\"decide\"]"),
        key("takes", DURATIONS, Default("\"0s\""), "How long it lasts.", "\"10m to 25m\""),
        key(
            "throughput",
            Kind::Dist(Quantity::Rate),
            Optional,
            "The data of the workload divided by it is added to the length.",
            "\"100 MiB/s to 300 MiB/s\"",
        ),
        key(
            "scaled_by",
            Kind::Choice(&["missing-capacity"]),
            Optional,
            "Times 1 - the capacity ready at the target.",
            "\"missing-capacity\"",
        ),
        key(
            "needs",
            Kind::List(&Kind::Name("component")),
            Default("[]"),
            "What must be up; `control-plane` and `data-plane` mean the target's.",
            "[\"control-plane\"]",
        ),
        key(
            "on_interruption",
            Kind::Choice(&["resume", "restart"]),
            Default("\"resume\""),
            "What becomes of work that was stopped.",
            "\"restart\"",
        ),
        key("fails", Kind::Chance, Default("0"), "Probability that an attempt fails, found at its end.", "0.05"),
        key("retry_after", DURATIONS, Default("\"0s\""), "Until the next attempt.", "\"15m\""),
        key(
            "data",
            Kind::Choice(&["replica", "copies"]),
            Optional,
            "Promotes the live copy, or restores backups or point in time.",
            "\"replica\"",
        ),
        key(
            "declines",
            Kind::Share,
            Default("0"),
            "On the decision: probability that the repair is waited for.",
            "0.1",
        ),
        key("decision", Kind::Bool, Default("false"), "Its end is the declaration.", "true"),
        key("traffic", Kind::Bool, Default("false"), "Its end moves traffic to the target.", "true"),
        key(
            "tail",
            Kind::OrNone(&Kind::Table(&TAIL)),
            Optional,
            "On the traffic step: users who arrive late.",
            "{ share = 0.05, mean = \"30m\" }",
        ),
        key(
            "capacity",
            Kind::Choice(&["ramp", "at-end"]),
            Optional,
            "Capacity at the target rises to 1 while it works, or when it is done.",
            "\"at-end\"",
        ),
        key(
            "latent_faults",
            Kind::OrNone(&Kind::Table(&LATENT_FAULTS)),
            Optional,
            "Drift: unseen faults that a drill, or a recovery that meets them, removes.",
            "{ every = \"1y\", fix = \"1h to 6h\" }",
        ),
    ],
    named: None,
};

static TAIL: Spec = Spec {
    title: "tail",
    doc: "Users who arrive late after traffic has moved.",
    keys: &[
        key("share", Kind::Share, Required, "Of the users who move.", "0.05"),
        key("mean", Kind::Span, Required, "Mean of their exponential delay.", "\"30m\""),
    ],
    named: None,
};

static LATENT_FAULTS: Spec = Spec {
    title: "latent_faults",
    doc: "Drift that only shows when the step is taken.",
    keys: &[
        key("every", Kind::Span, Required, "Mean time from one fault to the next.", "\"1y\""),
        key("fix", DURATIONS, Required, "To mend what is found, before the step.", "\"1h to 6h\""),
        key("drilled_every", Kind::Span, When("`drills.every`"), "From one drill of this step to the next.", "\"90d\""),
    ],
    named: None,
};

impl Spec {
    /// The key of this name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// What `name` may hold here.
    pub(super) fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.key(name).map(|key| &key.kind).or(self.named.map(|(_, kind)| kind))
    }
}

impl Kind {
    /// The kind without its `"none"`.
    pub(super) fn inner(&'static self) -> &'static Kind {
        if let Kind::OrNone(inner) = self { inner } else { self }
    }

    /// In words, for messages and documentation.
    pub(super) fn words(&self) -> String {
        match self {
            Kind::Text => "text".into(),
            Kind::Bool => "true or false".into(),
            Kind::Whole(low, i64::MAX) => format!("a whole number from {low}"),
            Kind::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Number(low, _) => format!("a number from {low}"),
            Kind::Share => "a share, from 0 to 1".into(),
            Kind::Chance => "a probability, from 0 to less than 1".into(),
            Kind::Money => "money, a number from 0".into(),
            Kind::Duration => "a duration".into(),
            Kind::Span => "a duration longer than 0".into(),
            Kind::Size => "a size".into(),
            Kind::Rate => "a rate".into(),
            Kind::EventRate => "an event rate".into(),
            Kind::Dist(Quantity::Duration) => "a distribution".into(),
            Kind::Dist(Quantity::Rate) => "a distribution of a rate".into(),
            Kind::Dist(Quantity::Share) => "a distribution of a share".into(),
            Kind::Choice(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or "),
            Kind::Name(what) => format!("the name of a {what}"),
            Kind::List(of) => match of {
                Kind::Name(what) => format!("a list of {what}s"),
                Kind::Table(spec) => format!("a list of `{}`", spec.title),
                other => format!("a list, each {}", other.words()),
            },
            Kind::Table(_) => "a table".into(),
            Kind::Map(name, of) => format!("a table, {name} = {}", of.words()),
            Kind::OneOrList(one, of) => format!("{}, or a list, each {}", one.words(), of.words()),
            Kind::OrNone(of) => format!("{}, or \"none\"", of.words()),
        }
    }
}
