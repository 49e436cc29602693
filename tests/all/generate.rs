//! Valid scenarios drawn at random over the whole format, and the laws that hold for every one of them.

use crate::support::parse;
use drsim::cost::bill;
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::outcome::{Ended, Incident, Outcome};
use drsim::scenario;
use drsim::trace::{Happening, Note};
use drsim::units::Time;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fmt::Write;

type Rng = Xoshiro256PlusPlus;

/// Scenarios in one run of the test.
const SCENARIOS: u64 = 1_500;

/// Writes a scenario: failures are frequent, so that they meet.
struct Writer {
    rng: Rng,
    sites: Vec<&'static str>,
    text: String,
}

impl Writer {
    fn chance(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }

    fn below(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    fn site(&mut self) -> &'static str {
        let sites = self.sites.clone();
        self.pick(&sites)
    }

    fn share(&mut self) -> f64 {
        match self.below(6) {
            0 => 0.0,
            1 => 1.0,
            _ => (self.rng.random::<f64>() * 100.0).round() / 100.0,
        }
    }

    /// Seconds around `scale`.
    fn seconds(&mut self, scale: f64) -> String {
        format!("{:.3}s", scale * (0.2 + 2.0 * self.rng.random::<f64>()))
    }

    /// A distribution of a duration around `scale` seconds, of any family.
    fn dist(&mut self, scale: f64) -> String {
        let (a, b) = (scale * (0.1 + self.rng.random::<f64>()), scale * (1.2 + self.rng.random::<f64>()));
        let middle = f64::midpoint(a, b);
        match self.below(13) {
            0 => "\"0s\"".into(),
            1 => format!("\"{a:.3}s\""),
            2 => format!("\"{a:.3}s to {b:.3}s\""),
            3 => format!("{{ exponential = {{ mean = \"{a:.3}s\", at_least = \"{:.3}s\" }} }}", a / 4.0),
            4 => format!("{{ uniform = {{ low = \"{a:.3}s\", high = \"{b:.3}s\" }} }}"),
            5 => format!("{{ triangular = {{ low = \"{a:.3}s\", mode = \"{middle:.3}s\", high = \"{b:.3}s\" }} }}"),
            6 => format!("{{ pert = {{ low = \"{a:.3}s\", mode = \"{middle:.3}s\", high = \"{b:.3}s\" }} }}"),
            7 => format!("{{ normal = {{ mean = \"{a:.3}s\", sd = \"{a:.3}s\" }} }}"),
            8 => format!("{{ lognormal = {{ median = \"{a:.3}s\", sigma = 0.8, at_most = \"{b:.3}s\" }} }}"),
            9 => format!("{{ gamma = {{ shape = 2.5, mean = \"{a:.3}s\" }} }}"),
            10 => format!("{{ weibull = {{ shape = 0.8, scale = \"{a:.3}s\" }} }}"),
            11 => format!("{{ mixture = [{{ weight = 0.3, of = \"{a:.3}s\" }}, {{ weight = 2, of = \"{b:.3}s\" }}] }}"),
            _ => format!("{{ sum = [\"{a:.3}s\", {{ empirical = {{ values = [\"0s\", \"{b:.3}s\"] }} }}] }}"),
        }
    }

    fn put(&mut self, line: String) {
        writeln!(self.text, "{line}").expect("text grows");
    }

    fn component(&mut self) -> String {
        let site = self.site();
        match self.below(8) {
            0..=2 => site.into(),
            3 => format!("{site}.data-plane"),
            4 | 5 => format!("{site}.control-plane"),
            6 => "replication".into(),
            _ => "dns".into(),
        }
    }

    fn scenario(mut self) -> String {
        let required = self.share();
        let needs = if self.chance(0.4) { "[\"dns\"]" } else { "[]" };
        let (days, seed) = (200 + self.below(400), self.below(1000));
        self.put(format!("title = \"random\"\n[run]\nhistories = 3\nhorizon = \"{days}d\"\nseed = {seed}"));
        self.put(format!(
            "[workload]\nhome = \"{}\"\ndata = \"300 GiB\"\nwrite_rate = \"2 GiB/h\"\nrequired_capacity = {required}\nneeds = {needs}",
            self.sites[0]
        ));
        self.put("[objectives]\nrto = \"1h\"\nrpo = \"10m\"\n[sites]".into());
        for site in self.sites.clone() {
            self.put(format!("{site} = \"{site}\""));
        }
        self.put("[components]\ndns = \"DNS\"".into());
        for number in 0..1 + self.below(5) {
            self.hazard(number);
        }
        self.costs();
        for number in 0..1 + self.below(3) {
            self.strategy(number, required);
        }
        self.text
    }

    fn hazard(&mut self, number: usize) {
        let corrupts = self.chance(0.25);
        self.put(format!("[hazards.h{number}]\nsource = \"random\""));
        let onset = match self.below(4) {
            0 => format!("mttf = \"{}\"", self.seconds(4e6)),
            1 => format!("rate = \"{}/y\"", 1 + self.below(15)),
            2 => "time_to_failure = { weibull = { shape = 0.7, scale = \"40d\" } }".into(),
            _ => "at = [\"20d\", \"20d1h\", \"90d\", \"150d\"]".into(),
        };
        self.put(onset);
        if corrupts {
            let detect = self.dist(2e5);
            let destroys = self.share();
            self.put(format!("corrupts = \"data\"\ntime_to_detect = {detect}\ndestroys_backups = {destroys}"));
        }
        if !corrupts || self.chance(0.3) {
            let (one, two) = (self.component(), self.component());
            let list = if one.split('.').next() != two.split('.').next() && self.chance(0.3) {
                format!("\"{one}\", \"{two}\"")
            } else {
                format!("\"{one}\"")
            };
            let repair = self.dist(2e4);
            self.put(format!("takes_down = [{list}]\ntime_to_repair = {repair}"));
            let data_plane = self.sites.contains(&one.as_str()) || one.ends_with("data-plane");
            match self.below(5) {
                0 if data_plane => {
                    let lost = self.pick(&[
                        "{ uniform = { low = 0, high = 1 } }",
                        "{ beta = { mean = 0.4, sd = 0.2 } }",
                        "0.7",
                    ]);
                    self.put(format!("capacity_lost = {lost}"));
                }
                1 if data_plane => {
                    let destroys = self.share();
                    self.put(format!("destroys_data = {destroys}"));
                }
                2 => {
                    let (component, delay, repair) = (self.component(), self.dist(1e3), self.dist(1e4));
                    let probability = self.share();
                    self.put(format!(
                        "spreads_to = [{{ component = \"{component}\", probability = {probability}, delay = {delay}, time_to_repair = {repair} }}]"
                    ));
                }
                _ => {}
            }
        }
        if self.chance(0.25) {
            self.put("response = \"wait\"".into());
        }
    }

    fn costs(&mut self) {
        let downtime =
            self.pick(&["1000", "[{ from = \"0s\", per_hour = 1000 }, { from = \"40m\", per_hour = 3000.5 }]"]);
        self.put(format!(
            "[costs]\ndowntime_per_hour = {downtime}
data_loss_per_hour = 77.7\nper_incident = 3\nper_failover = 5.25\nper_drill = 1\nper_backup = 0.01\nunrecoverable_loss = 12345
[costs.infrastructure]\ncompute_per_hour = 2\ndatabase_per_hour = 1\nstorage_per_gib_month = 0.1\nbackup_per_gib_month = 0.05\ntransfer_per_gib = 0.02"
        ));
    }

    fn strategy(&mut self, number: usize, required: f64) {
        let kind = self.pick(&[
            "backup-restore",
            "pilot-light",
            "warm-standby",
            "hot-standby",
            "active-active",
            "custom",
            "custom",
        ]);
        self.put(format!("[strategies.s{number}]\nkind = \"{kind}\""));
        if self.chance(0.5) {
            self.put("readiness = \"typical\"".into());
        }
        let (lag, catch_up, stress) = (self.dist(30.0), 1 + self.below(4), 1 + self.below(5));
        if kind != "backup-restore" || self.chance(0.5) {
            self.put(format!("replication = {{ lag = {lag}, catch_up = {catch_up}, stress = {stress} }}"));
        }
        if self.chance(0.3) {
            self.put("extra_per_year = 1234.5".into());
        }
        if kind == "backup-restore" || self.chance(0.6) {
            let (every, takes, kept) = (self.seconds(3e4), self.dist(4e3), self.seconds(6e5));
            let (usable, immutable) = (self.share(), self.chance(0.5));
            self.put(format!(
                "backups = {{ every = \"{every}\", takes = {takes}, kept_for = \"{kept}\", usable = {usable}, immutable = {immutable} }}"
            ));
        }
        if self.chance(0.5) {
            let (lag, kept) = (self.dist(300.0), self.seconds(6e5));
            let at = self.site();
            let at = if self.chance(0.3) { format!(", at = [\"{at}\"]") } else { String::new() };
            self.put(format!("point_in_time = {{ lag = {lag}, kept_for = \"{kept}\"{at} }}"));
        }
        for (key, scale) in [("resume", 600.0), ("reprotect", 2e4)] {
            if self.chance(0.7) {
                let dist = self.dist(scale);
                self.put(format!("{key} = {dist}"));
            }
        }
        if self.chance(0.5) {
            let (after, takes) = (self.dist(5e4), self.dist(600.0));
            self.put(format!("failback = {{ after = {after}, takes = {takes} }}"));
        }
        if self.chance(0.3) {
            self.put("on_repair = \"continue\"".into());
        }
        if self.chance(0.4) {
            self.put("drills = { every = \"60d\" }".into());
        }
        match kind {
            "active-active" => self.shares(),
            "warm-standby" => self.put("standby_capacity = 0.4".into()),
            "custom" => self.plans(required),
            _ => {}
        }
    }

    fn shares(&mut self) {
        let count = self.sites.len();
        let rest = 1.0 - 0.3 * (count - 1) as f64;
        let shares: Vec<String> = (0..count)
            .map(|site| {
                format!("{} = {}", self.sites[site], if site == 0 { format!("{rest:.1}") } else { "0.3".into() })
            })
            .collect();
        let capacity: Vec<String> = self.sites.iter().map(|site| format!("{site} = 0.75")).collect();
        let writes = self.pick(&["local", "global", "partitioned"]);
        self.put(format!(
            "shares = {{ {} }}\ncapacity = {{ {} }}\nwrites = \"{writes}\"",
            shares.join(", "),
            capacity.join(", ")
        ));
    }

    /// A plan of steps that come after some of those before them; the last moves traffic.
    fn plans(&mut self, required: f64) {
        let count = 1 + self.below(7);
        let decision = self.below(count);
        let grows = self.below(count + 2);
        // What grows may begin below what is required.
        let standby = if grows < count && self.chance(0.5) { required / 2.0 } else { required };
        self.put(format!("standby_capacity = {standby}"));
        for step in 0..count {
            let after: Vec<String> =
                (0..step).filter(|_| self.chance(0.4)).map(|before| format!("\"f{before}\"")).collect();
            let takes = self.dist(600.0);
            let mut keys = format!("after = [{}], takes = {takes}", after.join(", "));
            if step == decision {
                let declines = if self.chance(0.5) { self.share() } else { 0.0 };
                write!(keys, ", decision = true, declines = {declines}").expect("text grows");
            }
            if step == grows {
                keys += self.pick(&[
                    ", capacity = \"ramp\", scaled_by = \"missing-capacity\"",
                    ", capacity = \"at-end\"",
                    ", capacity = \"ramp\"",
                ]);
            }
            self.trouble(&mut keys);
            if step + 1 == count {
                keys += ", traffic = true";
                if self.chance(0.3) {
                    let share = self.share();
                    write!(keys, ", tail = {{ share = {share}, mean = \"9m\" }}").expect("text grows");
                }
            } else if self.chance(0.3) {
                keys += ", data = \"replica\"";
            }
            self.put(format!("failover.f{step} = {{ {keys} }}"));
        }
        for step in 0..self.below(4) {
            let after = if step > 0 { format!("\"r{}\"", step - 1) } else { String::new() };
            let takes = self.dist(2e3);
            let mut keys = format!("after = [{after}], takes = {takes}");
            if step == 1 {
                keys += ", data = \"copies\", throughput = \"200 MiB/s to 400 MiB/s\"";
            }
            self.trouble(&mut keys);
            self.put(format!("restore.r{step} = {{ {keys} }}"));
        }
    }

    /// Needs, failures and faults.
    fn trouble(&mut self, keys: &mut String) {
        if self.chance(0.4) {
            let need = self.pick(&["control-plane", "data-plane", "dns"]);
            write!(keys, ", needs = [\"{need}\"]").expect("text grows");
            if self.chance(0.3) && !keys.contains("weibull") && !keys.contains("lognormal") {
                *keys += ", on_interruption = \"restart\"";
            }
        }
        if self.chance(0.3) {
            let wait = self.dist(300.0);
            write!(keys, ", fails = 0.3, retry_after = {wait}").expect("text grows");
        }
        if self.chance(0.2) {
            *keys += ", latent_faults = { every = \"90d\", fix = \"10m to 2h\" }";
        }
    }
}

/// The scenario with this number.
pub(crate) fn random(number: u64) -> String {
    let mut rng = Rng::seed_from_u64(number);
    let sites = if rng.random::<f64>() < 0.25 { vec!["one", "two", "three"] } else { vec!["one", "two"] };
    Writer { rng, sites, text: String::new() }.scenario()
}

/// What must hold of the outcome of a history, whatever the scenario.
fn check(scenario: &Scenario, strategy: usize, outcome: &Outcome) -> Result<(), String> {
    let horizon = scenario.run.horizon;
    let holds = |condition: bool, law: &str| if condition { Ok(()) } else { Err(format!("{law}: {outcome:?}")) };
    holds(outcome.downtime >= Time::ZERO && outcome.planned_downtime >= Time::ZERO, "times are not negative")?;
    holds(outcome.downtime + outcome.planned_downtime <= horizon, "up and down make the horizon")?;
    let planned: i64 = outcome.years.iter().map(|year| year.planned.0).sum();
    holds(planned == outcome.planned_downtime.0, "years hold all planned downtime")?;
    holds(outcome.incidents.windows(2).all(|pair| pair[0].opened <= pair[1].opened), "incidents are in order")?;
    for incident in &outcome.incidents {
        let holds = |condition: bool, law: &str| if condition { Ok(()) } else { Err(format!("{law}: {incident:?}")) };
        holds(incident.opened < horizon && incident.onset <= incident.opened, "incidents open before the horizon")?;
        holds(incident.rto >= Time::ZERO && incident.rpo >= Time::ZERO, "achieved times are not negative")?;
        holds(incident.ended != Ended::Resumed || incident.rpo == Time::ZERO, "what resumed lost nothing")?;
        holds((incident.ended == Ended::Unresolved) == incident.rto.is_never(), "only what is unresolved never ends")?;
        let lost_all = incident.ended == Ended::Unrecoverable;
        holds(!lost_all || incident.rpo.is_never(), "what is unrecoverable lost all")?;
        holds(incident.waited >= Time::ZERO, "waiting is not negative")?;
        let path: i64 = incident.phases.iter().map(|phase| phase.2.0).sum();
        let (all, of_plan) =
            (Time(path) + incident.waited, matches!(incident.ended, Ended::FailedOver | Ended::Restored));
        holds(incident.rto.is_never() || all <= incident.rto, "the path fits the recovery")?;
        holds(!of_plan || all == incident.rto, "work and waiting are all there is to the recovery by a plan")?;
        let waits: i64 = incident.waits.iter().map(|wait| wait.1.0).sum();
        holds(incident.waits.iter().all(|wait| wait.1 > Time::ZERO), "a wait takes time")?;
        holds(Time(waits) <= incident.waited, "the waits for components are waiting")?;
        holds(incident.phases.iter().all(|phase| phase.2 >= Time::ZERO), "steps do not take negative time")?;
        let declared = incident.declared.is_none_or(|declared| declared >= incident.opened);
        holds(declared, "nobody declares what has not happened")?;
        holds(incident.outage.iter().all(|part| *part >= Time::ZERO), "outage is not negative")?;
        let corrupted = scenario.hazards[incident.hazard].corruption.is_some();
        holds(incident.exposure.is_none() || corrupted, "only corruption has an exposure")?;
    }
    let bill = bill(scenario, strategy, outcome);
    let parts = bill.parts();
    let prices: Vec<f64> = outcome.incidents.iter().map(price).collect();
    let quiet: f64 = outcome.years.iter().map(|year| (year.dips + year.planned).hours() * 1000.0).sum();
    let alike = |one: f64, other: f64| (one - other).abs() <= 1e-3;
    let billed = bill.incidents().iter().map(|money| money.amount());
    holds(billed.zip(&prices).all(|(billed, price)| alike(billed, *price)), "each incident has its price")?;
    let variable = (parts.downtime + parts.data_loss + parts.other).amount();
    holds(alike(variable, quiet + prices.iter().sum::<f64>()), "what incidents cost is what is billed for them")?;
    holds(alike(bill.total().amount(), variable + parts.infrastructure.amount()), "the bill adds up")
}

/// A component kept an incident waiting no longer than it was down, or short of capacity, meanwhile.
fn check_waits(incidents: &[Incident], notes: &[Note]) -> Result<(), String> {
    for incident in incidents.iter().filter(|incident| !incident.rto.is_never()) {
        let (from, to) = (incident.opened, incident.opened + incident.rto);
        for &(component, waited) in &incident.waits {
            let (mut holders, mut since, mut down) = (Vec::new(), Time::ZERO, Time::ZERO);
            let end = Note { at: Time::NEVER, what: Happening::FailbackEnds };
            for note in notes.iter().chain([&end]) {
                if !holders.is_empty() {
                    down += (note.at.min(to) - since.max(from)).max(Time::ZERO);
                }
                since = note.at;
                match note.what {
                    Happening::Down(id, event) if id == component => holders.push((event, false)),
                    Happening::Up(id, event) if id == component => {
                        let held = holders.iter().position(|held| *held == (event, false));
                        holders.remove(held.expect("it was down"));
                    }
                    Happening::CapacityLost(site, _, event) if site.data_plane() == component => {
                        holders.push((event, true));
                    }
                    Happening::CapacityBack(event) => holders.retain(|held| *held != (event, true)),
                    _ => {}
                }
            }
            if waited > down {
                return Err(format!("it waited for a component that was up, {component:?}: {incident:?}"));
            }
        }
    }
    Ok(())
}

/// What an incident costs at the prices that every random scenario has.
fn price(incident: &Incident) -> f64 {
    let outage: f64 = incident.outage.iter().zip([1000.0, 3000.5]).map(|(time, price)| time.hours() * price).sum();
    let data = match incident.ended == Ended::Unrecoverable || incident.rpo.is_never() {
        true => 12_345.0,
        false => incident.rpo.hours() * 77.7,
    };
    let failover = if incident.ended == Ended::FailedOver { 5.25 } else { 0.0 };
    outage + data + 3.0 + failover
}

/// Of several blocks: what is drawn ahead is drawn from the second one on.
const HISTORIES: [u64; 4] = [0, 1, 18, 35];

/// All laws of one scenario.
fn laws(text: &str) -> Result<(), String> {
    let scenario = parse(text);
    let engine = Engine::new(&scenario);
    let (mut forward, mut backward) = (engine.worker(), engine.worker());
    let first = HISTORIES.map(|number| (number, forward.history(number).to_vec()));
    for (number, outcomes) in first.iter().rev() {
        if backward.history(*number) != &outcomes[..] {
            return Err(format!("history {number} depends on what was simulated before it"));
        }
    }
    for (number, outcomes) in &first {
        for (strategy, outcome) in outcomes.iter().enumerate() {
            check(&scenario, strategy, outcome)
                .map_err(|law| format!("history {number}, strategy {strategy}: {law}"))?;
            let (traced, notes) = forward.trace(*number, strategy);
            if traced != *outcome || notes.windows(2).any(|pair| pair[0].at > pair[1].at) {
                return Err(format!("history {number}, strategy {strategy}: an observer changes something"));
            }
            check_waits(&outcome.incidents, &notes)
                .map_err(|law| format!("history {number}, strategy {strategy}: {law}"))?;
        }
    }
    let plain = Engine::plain(&scenario);
    let mut worker = plain.worker();
    for (number, outcomes) in &first {
        if worker.history(*number) != &outcomes[..] {
            return Err(format!("history {number}: what nobody waits for makes a difference"));
        }
    }
    let mut alone = scenario.clone();
    alone.strategies.drain(..scenario.strategies.len() - 1);
    let last = Engine::new(&alone);
    let mut worker = last.worker();
    for (number, outcomes) in &first {
        if worker.history(*number)[0] != outcomes[outcomes.len() - 1] {
            return Err(format!("history {number}: other strategies change the result of the last"));
        }
    }
    let source = scenario::Source { name: "random.toml", text };
    let read = scenario::read(source, &scenario::Options::default()).map_err(|_| "read once, not twice")?;
    let resolved = parse(&scenario::resolved(&read));
    let again = Engine::new(&resolved);
    let mut worker = again.worker();
    for (number, outcomes) in &first {
        if worker.history(*number) != &outcomes[..] {
            return Err(format!("history {number}: the resolved scenario differs"));
        }
    }
    Ok(())
}

#[test]
fn random_scenarios_satisfy_every_law() {
    let folder = std::env::temp_dir();
    for number in 0..SCENARIOS {
        let text = random(number);
        let result = std::panic::catch_unwind(|| laws(&text));
        let problem = match result {
            Ok(Ok(())) => continue,
            Ok(Err(law)) => law,
            Err(panic) => format!("panic: {:?}", panic.downcast_ref::<String>()),
        };
        let path = folder.join(format!("drsim-random-{number}.toml"));
        std::fs::write(&path, &text).expect("the scenario is kept");
        panic!("scenario {number}, kept as {}: {problem}", path.display());
    }
}
