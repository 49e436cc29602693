//! Many histories in parallel, with the same bytes for any number of threads.
//!
//! Histories run in chunks whose size depends on nothing; every worker adds its chunks to a [`Partial`] of its own, and
//! the partials merge exactly, in any order. What must be seen in order (rows of raw results, progress) is handed over
//! chunk after chunk. Where rows are kept, each worker waits for its turn, so that no more chunks are held than there are
//! threads; else a worker leaves its chunk, of which nothing is left but that it is done, and goes on.
//! Reads no clock and opens no file.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

use crate::cost::{Bill, Tariff};
use crate::engine::{Engine, Worker};
use crate::model::Scenario;
use crate::outcome::Outcome;
use crate::stats::Partial;

/// Histories that one worker simulates at a stretch: it polls for cancellation between two such chunks.
pub const CHUNK: u64 = 256;

/// What part of the scenario to run, and how: nothing but the part changes a result.
pub struct Options<'a> {
    /// Which histories of the scenario's.
    pub histories: Range<u64>,
    /// Simulate with [`Engine::plain`].
    pub plain: bool,
    /// At least 1.
    pub threads: usize,
    /// Set by somebody else, it ends the run early.
    pub cancel: &'a AtomicBool,
    /// Told now and then how many histories are done.
    pub progress: &'a mut (dyn FnMut(u64) + Send),
    /// Where every history goes, in order, if anywhere.
    pub raw: Option<&'a mut Sink<'a>>,
}

/// Takes the number of a history, and its outcome and bill for each strategy of the scenario.
pub type Sink<'a> = dyn FnMut(u64, &[Outcome], &[Bill]) -> io::Result<()> + Send + 'a;

/// What came of a run.
pub struct Study {
    /// All that the results are made of.
    pub partial: Partial,
    /// Histories simulated; fewer than asked for when the run was cancelled.
    pub histories: u64,
}

/// Simulates histories of the scenario under every strategy; `baseline` is the index of the strategy that the
/// others are compared with.
///
/// # Errors
/// Those of the raw sink, and when the system gives no threads.
pub fn run(scenario: &Scenario, baseline: usize, options: Options) -> io::Result<Study> {
    let Options { histories, plain, threads, cancel, progress, mut raw } = options;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(io::Error::other)?;
    let engine = if plain { Engine::plain(scenario) } else { Engine::new(scenario) };
    let keep = raw.is_some();
    let (first, mut done) = (histories.start, 0);
    let tariffs: Vec<Tariff> = (0..scenario.strategies.len()).map(|index| Tariff::new(scenario, index)).collect();
    let bills = || tariffs.iter().map(Tariff::quiet).collect();
    let worker = || (engine.worker(), bills(), Partial::new(scenario, baseline));
    let work = |(worker, bills, partial): &mut (Worker, Vec<Bill>, Partial), chunk: Range<u64>| {
        let mut rows = Vec::new();
        for number in chunk {
            let outcomes = worker.history(number);
            for (tariff, (outcome, bill)) in tariffs.iter().zip(outcomes.iter().zip(&mut *bills)) {
                tariff.make_out(outcome, bill);
                if keep {
                    tariff.itemise(outcome, bill);
                }
            }
            partial.add_history(number, outcomes, bills);
            if keep {
                rows.push((number, outcomes.to_vec(), bills.clone()));
            }
        }
        rows
    };
    let receive = |chunk: Range<u64>, rows: Vec<(u64, Vec<Outcome>, Vec<Bill>)>| {
        if let Some(raw) = &mut raw {
            rows.iter().try_for_each(|(number, outcomes, bills)| raw(*number, outcomes, bills))?;
        }
        done = chunk.end - first;
        progress(done);
        Ok(())
    };
    let room = if keep { 0 } else { usize::MAX };
    let workers = in_order(&pool, histories, cancel, room, worker, work, receive)?;
    let mut parts = workers.into_iter().map(|(_, _, part)| part);
    let mut partial = parts.next().unwrap_or_else(|| Partial::new(scenario, baseline));
    pool.install(|| parts.for_each(|part| partial.merge(&part)));
    Ok(Study { partial, histories: done })
}

/// Runs `work` on every chunk of `histories`, on all threads of the pool, and hands the results to `receive` in the
/// order of the chunks, until all are done, `cancel` is set or `receive` fails. What was received is always the
/// beginning of the range, without a gap. Workers wait when the results of `room` chunks, and theirs, are there before
/// their turn. Returns the workers' states.
fn in_order<W: Send, T: Send>(
    pool: &rayon::ThreadPool,
    histories: Range<u64>,
    cancel: &AtomicBool,
    room: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, Range<u64>) -> T + Sync,
    receive: impl FnMut(Range<u64>, T) -> io::Result<()> + Send,
) -> io::Result<Vec<W>> {
    let next = AtomicU64::new(histories.start);
    let line = Line::new(histories.start, room, receive);
    let workers = pool.broadcast(|_| {
        let _leave = LeaveOnPanic(&line);
        keep_room();
        let mut state = worker();
        while !cancel.load(Ordering::Relaxed) {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= histories.end {
                break;
            }
            let chunk = start..histories.end.min(start + CHUNK);
            let result = work(&mut state, chunk.clone());
            if !line.hand_over(chunk, result) {
                break;
            }
        }
        state
    });
    line.finish().map(|()| workers)
}

/// Makes room in this thread's heap for what it will allocate. Else glibc lets the heap grow page by page, and each time
/// the system interrupts all processors to tell them. Nothing is written there; where there is no such room, or another
/// allocator, nothing changes.
fn keep_room() {
    const ROOM: usize = 16 << 20;
    // What is as large as that comes from the system and goes back to it; having seen that, glibc keeps what is a little
    // smaller in the heap (`mallopt(3)`, dynamic mmap threshold; it holds for the whole program).
    for size in [ROOM, ROOM - (1 << 16)] {
        let mut room = Vec::<u8>::new();
        let _ = std::hint::black_box(&mut room).try_reserve_exact(size);
        std::hint::black_box(&mut room);
    }
}

/// Where the results of chunks wait for those before them.
struct Line<F, T> {
    state: Mutex<State<F, T>>,
    moved: Condvar,
    /// So many results may be left here; with more, workers wait.
    room: usize,
}

struct State<F, T> {
    receive: F,
    /// First history that is not yet received.
    turn: u64,
    /// By first history: chunks that are done, but not all before them.
    early: BTreeMap<u64, (Range<u64>, T)>,
    /// A worker panicked or the receiver failed: nobody need wait any more.
    closed: bool,
    error: Option<io::Error>,
}

impl<F, T> Line<F, T> {
    fn new(turn: u64, room: usize, receive: F) -> Line<F, T> {
        let state = State { receive, turn, early: BTreeMap::new(), closed: false, error: None };
        Line { state: Mutex::new(state), moved: Condvar::new(), room }
    }

    fn lock(&self) -> MutexGuard<'_, State<F, T>> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Hands over the result of a chunk, and those that have waited for it; whether there is a point in going on.
    #[inline(never)] // so that the loop over histories is compiled for itself
    fn hand_over(&self, chunk: Range<u64>, result: T) -> bool
    where
        F: FnMut(Range<u64>, T) -> io::Result<()>,
    {
        let mut state = self.lock();
        while state.turn != chunk.start && state.early.len() >= self.room && !state.closed {
            state = self.moved.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        state.early.insert(chunk.start, (chunk, result));
        while !state.closed {
            let turn = state.turn;
            let Some((chunk, result)) = state.early.remove(&turn) else { break };
            let end = chunk.end;
            match (state.receive)(chunk, result) {
                Ok(()) => state.turn = end,
                Err(error) => {
                    state.error = Some(error);
                    state.closed = true;
                }
            }
        }
        let goes_on = !state.closed;
        self.moved.notify_all();
        goes_on
    }

    fn finish(self) -> io::Result<()> {
        let state = self.state.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        state.error.map_or(Ok(()), Err)
    }
}

/// Without it, those who wait for the chunk of a worker that panicked would wait for ever.
struct LeaveOnPanic<'a, F, T>(&'a Line<F, T>);

impl<F, T> Drop for LeaveOnPanic<'_, F, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().closed = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
    }

    /// Sums per worker, and the chunks as they were received.
    fn sums(threads: usize, histories: u64, room: usize) -> (u64, Vec<Range<u64>>) {
        let mut received = Vec::new();
        let add = |sum: &mut u64, chunk: Range<u64>| *sum += chunk.map(|k| k * k).sum::<u64>();
        let cancel = AtomicBool::new(false);
        let receive = |chunk, ()| {
            received.push(chunk);
            Ok(())
        };
        let workers = in_order(&pool(threads), 0..histories, &cancel, room, || 0, add, receive).expect("no error");
        (workers.into_iter().sum(), received)
    }

    #[test]
    fn every_history_runs_once_and_chunks_come_in_order_for_any_number_of_threads() {
        for histories in [0, 1, 255, 256, 257, 5000] {
            let (expected, order) = sums(1, histories, 0);
            assert_eq!(expected, (0..histories).map(|k| k * k).sum::<u64>());
            assert_eq!(order.iter().map(|chunk| chunk.end - chunk.start).sum::<u64>(), histories);
            for (threads, room) in [(2, 0), (2, usize::MAX), (3, 1), (8, 0), (8, 2), (8, usize::MAX)] {
                assert_eq!(sums(threads, histories, room), (expected, order.clone()));
            }
        }
    }

    const ROOMS: [usize; 3] = [0, 1, usize::MAX];

    #[test]
    fn a_cancelled_run_has_received_the_beginning_without_a_gap() {
        for room in ROOMS {
            let cancel = AtomicBool::new(false);
            let mut end = 0;
            let receive = |chunk: Range<u64>, ()| {
                assert_eq!(chunk.start, end);
                end = chunk.end;
                cancel.store(end >= 10 * CHUNK, Ordering::Relaxed);
                Ok(())
            };
            in_order(&pool(3), 0..u64::MAX / 2, &cancel, room, || (), |(), _| (), receive).expect("no error");
            let most = 14_u64.saturating_add(room as u64);
            assert!((10 * CHUNK..most.saturating_mul(CHUNK)).contains(&end), "{room}: {end}");
        }
    }

    #[test]
    fn no_more_chunks_are_done_early_than_there_is_room_for() {
        for room in [0, 1, 5] {
            let threads = 3;
            let (begun, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let work = |(): &mut (), chunk: Range<u64>| {
                begun.fetch_add(1, Ordering::SeqCst);
                // The first chunk lasts until the other workers have gone as far as they can, and a little longer.
                while chunk.start == 0 && begun.load(Ordering::SeqCst) < room + threads {
                    std::thread::yield_now();
                }
                if chunk.start == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                    most.store(begun.load(Ordering::SeqCst), Ordering::SeqCst);
                }
            };
            let (cancel, all) = (AtomicBool::new(false), 0..100 * CHUNK);
            in_order(&pool(threads), all, &cancel, room, || (), work, |_, ()| Ok(())).expect("no error");
            assert_eq!(most.into_inner(), room + threads);
        }
    }

    #[test]
    fn a_failing_receiver_ends_the_run_with_its_error() {
        for room in ROOMS {
            let receive = |_, ()| Err(io::Error::other("disk full"));
            let all = 0..u64::MAX / 2;
            let result = in_order(&pool(3), all, &AtomicBool::new(false), room, || (), |(), _| (), receive);
            assert_eq!(result.expect_err("the error").to_string(), "disk full");
        }
    }

    #[test]
    fn a_panic_in_a_history_or_in_the_receiver_ends_the_run() {
        for (room, history) in ROOMS.into_iter().flat_map(|room| [(room, true), (room, false)]) {
            let work = |(): &mut (), chunk: Range<u64>| assert!(!history || chunk.start != 512, "broken history");
            let mut calls = 0;
            let receive = |chunk: Range<u64>, ()| {
                calls += u64::from(chunk.start >= 512);
                assert!(history || chunk.start != 512, "broken receiver");
                Ok(())
            };
            let run = || in_order(&pool(3), 0..100_000, &AtomicBool::new(false), room, || (), work, receive);
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("the panic");
            let expected = if history { "broken history" } else { "broken receiver" };
            assert_eq!(panic.downcast_ref::<&str>(), Some(&expected));
            assert_eq!(calls, u64::from(!history), "nothing is received behind what is missing");
        }
    }
}
