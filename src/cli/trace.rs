//! `drsim trace`: tells one history event by event and draws its incidents.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::Ordering;

use drsim::cost::{self, Bill, total_outage};
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::outcome::{Incident, Outcome};
use drsim::report::trace::Told;
use drsim::report::{charts, gantt};
use drsim::study;

use super::args::TraceArguments;
use super::exit::Failure;
use super::{interrupt, nearest, print, progress, run, scenario};

/// Tells a history.
pub(crate) fn trace(arguments: &TraceArguments) -> Result<(), Failure> {
    let loaded = scenario::load(&arguments.scenario, &arguments.scenario.set, arguments.quiet)?;
    let scenario = &loaded.read.scenario;
    let strategies: Vec<&str> = scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let strategy = known("--strategy", &arguments.strategy, &strategies)?;
    let hazards: Vec<&str> = scenario.hazards.iter().map(|hazard| hazard.name.as_str()).collect();
    let hazard = arguments.hazard.as_ref().map(|name| known("--hazard", name, &hazards)).transpose()?;
    let of_hazard = |incident: &Incident| hazard.is_none_or(|hazard| hazard == incident.hazard);
    let (history, only) = match &arguments.at {
        Some(at) => {
            let (history, incident) = find(scenario, strategy, Place::parse(at)?, &of_hazard, arguments.quiet)?;
            (history, Some(vec![incident]))
        }
        None => (arguments.history, None),
    };
    let engine = Engine::new(scenario);
    let (outcome, notes) = engine.worker().trace(history, strategy);
    let bill = cost::bill(scenario, strategy, &outcome);
    let told = Told { scenario, strategy, history, outcome: &outcome, bill: &bill, notes: &notes };
    let indices = || (0..outcome.incidents.len()).filter(|index| of_hazard(&outcome.incidents[*index])).collect();
    let only = only.or_else(|| hazard.map(|_| indices()));
    let mut text = told.tell(only.as_deref());
    if !arguments.no_charts {
        let folder = arguments.out.clone().unwrap_or_else(|| run::default_folder(Path::new(&loaded.file)));
        text += &draw(&told, only.as_deref(), &folder.join("charts"))?;
    }
    print(&text)
}

/// Writes the charts; says where they are.
fn draw(told: &Told, only: Option<&[usize]>, folder: &Path) -> Result<String, Failure> {
    let cannot = |error: io::Error| Failure::broken(&format!("cannot write charts to {}", folder.display()), &error);
    fs::create_dir_all(folder).map_err(cannot)?;
    let mut said = String::from("\n");
    for chapter in told.chapters() {
        if only.is_some_and(|only| !only.contains(&chapter.incident)) {
            continue;
        }
        let chart = charts::gantt(&gantt::incident(told, &chapter));
        let name = &told.scenario.strategies[told.strategy].name;
        let stem = format!("trace-{name}-{}-{}", told.history, chapter.incident + 1);
        put(folder, &format!("{stem}.svg"), chart.svg().as_bytes()).map_err(cannot)?;
        put(folder, &format!("{stem}.png"), &chart.png()).map_err(cannot)?;
        said += &format!("Chart: {}\n", folder.join(format!("{stem}.svg")).display());
    }
    Ok(said)
}

/// A file appears whole or not at all.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".drsim-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(folder.join(name)).map(|_| ()).map_err(|error| error.error)
}

/// What an incident is looked for by.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    measure: Measure,
    /// 0 the least, 1 the greatest.
    quantile: f64,
}

/// By what incidents are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Rto,
    Rpo,
    Waited,
    Outage,
    Cost,
}

const MEASURES: [(&str, Measure); 5] = [
    ("rto", Measure::Rto),
    ("rpo", Measure::Rpo),
    ("waited", Measure::Waited),
    ("outage", Measure::Outage),
    ("cost", Measure::Cost),
];

impl Place {
    /// `rto:p99`, `rpo:max`, `cost:p50`, `waited:min`.
    fn parse(text: &str) -> Result<Place, Failure> {
        let wrong = || {
            let measures: Vec<&str> = MEASURES.iter().map(|measure| measure.0).collect();
            Failure::Wrong(format!(
                "error: --at {text}: is no MEASURE:QUANTILE such as rto:p99, rpo:max or cost:p50 (the measures are {})",
                measures.join(", ")
            ))
        };
        let (measure, quantile) = text.split_once(':').ok_or_else(wrong)?;
        let measure = MEASURES.iter().find(|known| known.0 == measure).ok_or_else(wrong)?.1;
        let quantile = match quantile {
            "min" => 0.0,
            "median" => 0.5,
            "max" => 1.0,
            percent => {
                percent.strip_prefix('p').and_then(|percent| percent.parse().ok()).map_or(f64::NAN, |p: f64| p / 100.0)
            }
        };
        if (0.0..=1.0).contains(&quantile) { Ok(Place { measure, quantile }) } else { Err(wrong()) }
    }
}

impl Measure {
    /// Microseconds, or millionths of the currency; "never" comes last.
    fn of(self, incident: &Incident, cost: cost::Money) -> i128 {
        match self {
            Measure::Rto => incident.rto.0.into(),
            Measure::Rpo => incident.rpo.0.into(),
            Measure::Waited => incident.waited.0.into(),
            Measure::Outage => total_outage(incident).0.into(),
            Measure::Cost => cost.0,
        }
    }
}

/// The history and the index of the incident that is the quantile of all: the smallest value that at least that share
/// of the incidents does not exceed; of equal ones the earliest.
fn find(
    scenario: &Scenario,
    strategy: usize,
    place: Place,
    wanted: &(impl Fn(&Incident) -> bool + Sync),
    quiet: bool,
) -> Result<(u64, usize), Failure> {
    let mut alone = scenario.clone();
    alone.strategies = vec![scenario.strategies[strategy].clone()];
    let mut found: Vec<(i128, u64, usize)> = Vec::new();
    let cancel = interrupt::flag();
    let bar = progress::bar(alone.run.histories, quiet);
    let mut sink = |number: u64, outcomes: &[Outcome], bills: &[Bill]| {
        let incidents = outcomes[0].incidents.iter().zip(bills[0].incidents()).enumerate();
        let incidents = incidents.filter(|(_, (incident, _))| wanted(incident));
        found.extend(incidents.map(|(index, (incident, cost))| (place.measure.of(incident, *cost), number, index)));
        Ok(())
    };
    let options = study::Options {
        histories: 0..scenario.run.histories,
        plain: false,
        threads: super::threads(None),
        cancel,
        progress: &mut |done| bar.set_position(done),
        raw: Some(&mut sink),
    };
    let run = study::run(&alone, 0, options).map_err(|error| Failure::broken("cannot simulate", &error));
    bar.finish_and_clear();
    run?;
    if cancel.load(Ordering::Relaxed) {
        return Err(Failure::Interrupted);
    }
    found.sort_unstable();
    let Some(last) = found.len().checked_sub(1) else {
        return Err(Failure::Wrong("error: --at: there is no such incident in any history".into()));
    };
    let rank = ((place.quantile * found.len() as f64).ceil() as usize).saturating_sub(1).min(last);
    let value = found[rank].0;
    let (_, history, incident) = found[found.partition_point(|other| other.0 < value)];
    Ok((history, incident))
}

fn known(flag: &str, name: &str, names: &[&str]) -> Result<usize, Failure> {
    let index = names.iter().position(|known| *known == name);
    index.ok_or_else(|| Failure::Wrong(format!("error: {flag} {name}: is not in the scenario{}", nearest(name, names))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_among_the_incidents_is_read() {
        let read = |text| Place::parse(text).ok().map(|place| (place.measure, place.quantile));
        assert_eq!(read("rto:p99"), Some((Measure::Rto, 0.99)));
        assert_eq!(read("cost:p99.9"), Some((Measure::Cost, 99.9 / 100.0)));
        assert_eq!(read("rpo:max"), Some((Measure::Rpo, 1.0)));
        for wrong in ["rto", "rto:99", "rto:p101", "rto:p-1", "speed:p50", "rto:pNaN", ":max"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
