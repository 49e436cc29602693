//! Histories are prepared in blocks: their timelines, and what follows from them whatever a strategy does.
//!
//! A draw depends on its purpose and its position alone. So it can be made before it is known whether somebody asks for
//! it, and many draws of one purpose are made quicker together than one now and one then.

use crate::hazard::{ChangeKind, Timeline};
use crate::model::Scenario;
use crate::rng::EventKey;

/// Histories in a block.
const BLOCK: u64 = 32;

/// Some histories in a row.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    scenario: &'a Scenario,
    /// Number of the first one, once there are any.
    first: Option<u64>,
    histories: Vec<Prepared<'a>>,
    strikes: Strikes,
}

/// By hazard: each outage of the block, in the order of the histories.
pub(super) type Strikes = Vec<Vec<Strike>>;

/// Where an outage begins: draws that it causes are keyed by that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) history: u64,
    pub(super) key: EventKey,
}

/// One history that is to be lived.
#[derive(Clone, Debug)]
pub(super) struct Prepared<'a> {
    pub(super) timeline: Timeline<'a>,
    /// By change of the timeline up to the horizon: of one that begins an outage, which one it is of its hazard's.
    strikes: Vec<usize>,
}

impl<'a> Block<'a> {
    /// `timeline` is what each history is to be drawn from.
    pub(super) fn new(scenario: &'a Scenario, timeline: Timeline<'a>) -> Block<'a> {
        let prepared = Prepared { timeline, strikes: Vec::new() };
        Block {
            scenario,
            first: None,
            histories: vec![prepared; BLOCK as usize],
            strikes: vec![Vec::new(); scenario.hazards.len()],
        }
    }

    /// History `number` as it was prepared, if it belongs to this block.
    #[inline]
    pub(super) fn history(&mut self, number: u64) -> Option<&mut Prepared<'a>> {
        self.histories.get_mut(number.checked_sub(self.first?)? as usize)
    }

    /// Prepares the block to which history `number` belongs; all outages of its histories.
    pub(super) fn prepare(&mut self, number: u64) -> &Strikes {
        let first = number - number % BLOCK;
        self.first = Some(first);
        self.strikes.iter_mut().for_each(Vec::clear);
        for (history, prepared) in (first..=first + (BLOCK - 1)).zip(&mut self.histories) {
            prepared.timeline.start(history, self.scenario.run.horizon);
            prepared.number(history, &mut self.strikes);
        }
        &self.strikes
    }
}

impl Prepared<'_> {
    /// Adds the outages of this history to the others of the block.
    fn number(&mut self, history: u64, strikes: &mut Strikes) {
        self.strikes.clear();
        let timeline = &self.timeline;
        self.strikes.extend((0..).map_while(|index| timeline.get(index)).map(|change| {
            let strikes = &mut strikes[change.event.hazard];
            if let ChangeKind::Down { .. } = change.kind {
                strikes.push(Strike { history, key: timeline.key(change.event) });
            }
            strikes.len().wrapping_sub(1)
        }));
    }

    /// Which of its hazard's outages the change with this index begins.
    #[inline]
    pub(super) fn strike(&self, change: usize) -> Option<usize> {
        self.strikes.get(change).copied()
    }
}
