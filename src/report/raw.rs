//! Every history and every incident, row by row as the run goes on, so that memory does not grow with it.

use std::io::{self, Write};

use crate::cost::{Bill, total_outage};
use crate::model::Scenario;
use crate::outcome::{Ended, Outcome};
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
        for ((strategy, outcome), bill) in self.scenario.strategies.iter().zip(outcomes).zip(bills) {
            let hazards = &self.scenario.hazards;
            let missed = outcome.incidents.iter().filter(|incident| {
                let (rto, rpo) = met(incident, &hazards[incident.hazard].objectives);
                !(rto && rpo)
            });
            let lost = outcome.incidents.iter().filter(|incident| incident.ended == Ended::Unrecoverable).count();
            self.histories.write_record([
                strategy.name.clone(),
                number.to_string(),
                outcome.incidents.len().to_string(),
                missed.count().to_string(),
                lost.to_string(),
                outcome.downtime.hours().to_string(),
                outcome.planned_downtime.hours().to_string(),
                bill.total().to_string(),
            ])?;
            for (incident, cost) in outcome.incidents.iter().zip(bill.incidents()) {
                self.incidents.write_record([
                    strategy.name.clone(),
                    number.to_string(),
                    hazards[incident.hazard].name.clone(),
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
                ])?;
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

fn seconds(time: Time) -> String {
    time.seconds().to_string()
}

fn optional(time: Option<Time>) -> String {
    time.map_or(String::new(), seconds)
}
