//! Every history and every incident, row by row as the run goes on, so that memory does not grow with it.

use std::io::{self, Write};

use crate::cost::{Bill, Money, total_outage};
use crate::model::Scenario;
use crate::outcome::{Ended, Incident, Outcome};
use crate::stats::met;
use crate::units::Time;

/// The tables `histories.csv` and `incidents.csv` under construction.
#[derive(Debug)]
pub struct Raw<'a, W: Write> {
    scenario: &'a Scenario,
    histories: csv::Writer<W>,
    incidents: csv::Writer<W>,
}

impl<'a, W: Write> Raw<'a, W> {
    /// Writes the headers.
    ///
    /// # Errors
    /// Those of the writers.
    pub fn new(scenario: &'a Scenario, histories: W, incidents: W) -> io::Result<Raw<'a, W>> {
        let (mut histories, mut incidents) = (csv::Writer::from_writer(histories), csv::Writer::from_writer(incidents));
        let mean = ["incidents", "breaches", "unrecoverable", "downtime_h", "planned_downtime_h", "cost"];
        histories.write_record(["strategy", "history"].into_iter().chain(mean))?;
        let times = ["onset_s", "declared_s", "rto_s", "rto_from_declaration_s", "rpo_s", "exposure_s"];
        let columns = ["strategy", "history", "hazard"].into_iter().chain(times);
        incidents.write_record(columns.chain(["ended", "waited_s", "outage_h", "cost"]))?;
        Ok(Raw { scenario, histories, incidents })
    }

    /// Adds a history under every strategy.
    ///
    /// # Errors
    /// Those of the writers.
    pub fn history(&mut self, number: u64, outcomes: &[Outcome], bills: &[Bill]) -> io::Result<()> {
        for (index, (outcome, bill)) in outcomes.iter().zip(bills).enumerate() {
            self.histories.write_record(history_row(self.scenario, index, number, outcome, bill))?;
            for (incident, cost) in outcome.incidents.iter().zip(bill.incidents()) {
                self.incidents.write_record(incident_row(self.scenario, index, number, incident, *cost))?;
            }
        }
        Ok(())
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// Those of the writers.
    pub fn finish(mut self) -> io::Result<()> {
        self.histories.flush()?;
        self.incidents.flush()
    }
}

/// The row of a history under the strategy with index `strategy`.
pub(super) fn history_row(
    scenario: &Scenario,
    strategy: usize,
    number: u64,
    outcome: &Outcome,
    bill: &Bill,
) -> [String; 8] {
    let missed = outcome.incidents.iter().filter(|incident| {
        let (rto, rpo) = met(incident, &scenario.hazards[incident.hazard].objectives);
        !(rto && rpo)
    });
    let lost = outcome.incidents.iter().filter(|incident| incident.ended == Ended::Unrecoverable).count();
    [
        scenario.strategies[strategy].name.clone(),
        number.to_string(),
        outcome.incidents.len().to_string(),
        missed.count().to_string(),
        lost.to_string(),
        outcome.downtime.hours().to_string(),
        outcome.planned_downtime.hours().to_string(),
        bill.total().to_string(),
    ]
}

/// The row of an incident under the strategy with index `strategy`.
pub(super) fn incident_row(
    scenario: &Scenario,
    strategy: usize,
    number: u64,
    incident: &Incident,
    cost: Money,
) -> [String; 13] {
    [
        scenario.strategies[strategy].name.clone(),
        number.to_string(),
        scenario.hazards[incident.hazard].name.clone(),
        seconds(incident.onset),
        optional(incident.declared),
        seconds(incident.rto),
        optional(incident.rto_from_declaration),
        seconds(incident.rpo),
        optional(incident.exposure),
        incident.ended.name().to_string(),
        seconds(incident.waited),
        total_outage(incident).hours().to_string(),
        cost.to_string(),
    ]
}

fn seconds(time: Time) -> String {
    time.seconds().to_string()
}

fn optional(time: Option<Time>) -> String {
    time.map_or(String::new(), seconds)
}
