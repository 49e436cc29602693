//! Charts: plain data in, a picture out, as SVG or PNG.
//!
//! Every chart keeps the same rules: the title says what the data say, axes have units and ticks that people read, a
//! strategy has the same colour and dashes everywhere (the colours of Okabe and Ito, which colour-blind readers tell
//! apart; the dashes carry a grey print), and nothing is smoothed. Same data, same bytes, on every machine.

mod axis;
mod canvas;
mod cost;
mod distribution;
mod exceedance;
mod frame;
mod frontier;
mod gantt;
mod phases;
mod quantiles;
mod results;
use super::say;

pub(super) use axis::TIMES;
pub use canvas::Canvas;
pub use cost::{CostCurve, CostCurves, CostPoint, cost_curves};
pub use distribution::{Curve, Distribution, Quantity, distribution};
pub use exceedance::{Exceedance, exceedance};
pub use frontier::{Frontier, FrontierPoint, frontier};
pub use gantt::{Bar, BarKind, Gantt, Row, gantt};
pub use phases::{Phases, phases};
pub use quantiles::{QuantileRow, QuantileValue, Quantiles, quantiles};
pub use results::charts;

/// A strategy as charts show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// For people.
    pub title: String,
    /// Its place in the scenario, which gives its colour and dashes.
    pub index: usize,
}

#[cfg(test)]
mod tests;
