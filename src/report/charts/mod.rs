//! Charts: plain data in, a picture out, as SVG or PNG.
//!
//! Every chart keeps the same rules: the line above the title says whether it is of incidents or of years, the title says
//! what the data say, axes have units and ticks that people read, a strategy has the same colour, dashes and shape
//! everywhere (colours that colour-blind readers tell apart; dashes and shapes carry a grey print), and nothing is
//! smoothed. Same data, same bytes, on every machine. How to read each: `docs/CHARTS.md`.

mod axis;
mod canvas;
mod cost;
mod distribution;
mod exceedance;
mod frame;
mod frontier;
mod gains;
mod gantt;
mod phases;
mod quantiles;
mod results;
use super::say;

pub(super) use axis::TIMES;
pub use canvas::Canvas;
pub use cost::{CostCurve, CostCurves, CostPoint, cost_curves};
pub use distribution::{ByHazard, Curve, Distribution, Panel, Quantity, by_hazard, distribution};
pub use exceedance::{Exceedance, exceedance};
pub use frame::colour;
pub(crate) use frame::{dash, outline};
pub use frontier::{Frontier, FrontierPoint, frontier};
pub use gains::{Gain, Gains, gains};
pub use gantt::{Bar, BarKind, Gantt, Row, gantt};
pub use phases::{Idle, Phases, PhasesByHazard, phases, phases_by_hazard};
pub use quantiles::{QuantileRow, Quantiles, SHARES, quantiles};
pub use results::charts;
pub(crate) use results::said;

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
