//! A machine that writes a log, and the way it came: so that it can be had again as it was at any place of the log.
//!
//! What always holds: a machine is deterministic, so checkpoints and inputs are enough; and a run that is forked is
//! not changed by what becomes of the fork.

use super::Limits;
use super::checkpoints::Checkpoints;
use super::tape::Tape;

/// Something that goes on by steps, takes inputs, and writes a log of both. Equal machines that get equal inputs
/// after equally many steps write equal logs.
pub trait Machine: Clone {
    /// What it writes. One step or input may write several of them, or none.
    type Entry;
    /// What is done to it from outside.
    type Input: Clone;
    /// Why something cannot be done.
    type Error;

    /// Goes on by one step. False if nothing is left to happen, and then nothing has changed.
    fn step(&mut self, log: &mut Vec<Self::Entry>) -> bool;

    /// Takes an input in, now.
    ///
    /// # Errors
    ///
    /// Why that cannot be done. The machine is of no use then.
    fn take(&mut self, input: &Self::Input, log: &mut Vec<Self::Entry>) -> Result<(), Self::Error>;

    /// About how many bytes a clone takes.
    fn weight(&self) -> usize;
}

/// From one checkpoint of a machine to the next, entries, if the budget allows: only forks need them.
const CLOSEST: usize = 4_096;

/// A machine and the way it came.
#[derive(Clone, Debug)]
pub struct Run<M: Machine> {
    state: Stand<M>,
    /// The inputs, each with the number of steps that came before it.
    inputs: Tape<(u64, M::Input)>,
    checkpoints: Checkpoints<Stand<M>>,
}

/// A machine with what it has done.
#[derive(Clone, Debug)]
struct Stand<M> {
    machine: M,
    steps: u64,
    inputs: usize,
    written: usize,
}

impl<M: Machine> Run<M> {
    /// A run that begins with a machine that has written so many entries already.
    pub fn new(machine: M, written: usize, limits: Limits) -> Self {
        let state = Stand { machine, steps: 0, inputs: 0, written };
        let mut run =
            Run { state, inputs: Tape::default(), checkpoints: Checkpoints::new(CLOSEST, limits.checkpoint_bytes) };
        run.check();
        run
    }

    /// The machine after all that has happened so far.
    pub fn machine(&self) -> &M {
        &self.state.machine
    }

    /// How many entries it has written.
    pub fn written(&self) -> usize {
        self.state.written
    }

    /// The inputs it has taken and not forgotten, each with the number of steps that came before it.
    pub fn inputs(&self) -> impl Iterator<Item = &(u64, M::Input)> {
        self.inputs.range(0..self.inputs.len())
    }

    /// What the checkpoints weigh, bytes.
    pub fn checkpoints_weight(&self) -> usize {
        self.checkpoints.weight()
    }

    /// Goes on by one step. False if nothing is left to happen.
    pub fn step(&mut self, log: &mut Vec<M::Entry>) -> bool {
        self.check();
        self.state.step(log)
    }

    /// Takes an input in, now.
    ///
    /// # Errors
    ///
    /// Why that cannot be done. Nothing has changed then.
    pub fn take(&mut self, input: M::Input, log: &mut Vec<M::Entry>) -> Result<(), M::Error> {
        self.check();
        let mut changed = self.state.clone();
        let before = log.len();
        if let Err(error) = changed.take(&input, log) {
            log.truncate(before);
            return Err(error);
        }
        self.inputs.push((self.state.steps, input));
        self.state = changed;
        Ok(())
    }

    /// Makes a checkpoint if it is time. Before a step, so it is the first state that had written so much.
    fn check(&mut self) {
        if self.checkpoints.is_due(self.state.written) {
            self.checkpoints.add(self.state.written, self.state.clone(), self.state.machine.weight());
        }
    }

    /// The run as it was when the entry before `cursor` had just been written. A step or an input happens whole: if
    /// the cursor is between the entries that one of them wrote, that is its end, and [`Run::written`] of the answer
    /// is more than `cursor`. An input at the cursor that wrote nothing counts as taken: no cursor is behind it.
    /// None if that is forgotten or yet to come.
    pub fn fork(&self, cursor: usize) -> Option<Self> {
        if cursor > self.state.written {
            return None;
        }
        let (_, checkpoint) = self.checkpoints.before(cursor)?;
        let mut state = checkpoint.clone();
        let mut log = Vec::new();
        while state.written < cursor {
            match self.input_of(&state) {
                // It was taken once, so it can be taken again.
                Some(input) => state.take(input, &mut log).ok()?,
                None => state.step(&mut log).then_some(())?,
            }
            log.clear();
        }
        while let Some(input) = self.input_of(&state) {
            let mut next = state.clone();
            if next.take(input, &mut log).is_err() || next.written > state.written {
                break;
            }
            state = next;
        }
        let inputs = self.inputs.fork(state.inputs);
        let checkpoints = self.checkpoints.fork(state.written);
        Some(Run { state, inputs, checkpoints })
    }

    /// What is put in next, if it is before the next step.
    fn input_of(&self, state: &Stand<M>) -> Option<&M::Input> {
        let (steps, input) = self.inputs.get(state.inputs)?;
        (*steps == state.steps).then_some(input)
    }

    /// Forgets what no fork at or behind a place needs.
    pub fn forget(&mut self, place: usize) {
        self.checkpoints.forget(place);
        if let Some((_, first)) = self.checkpoints.first().and_then(|first| self.checkpoints.before(first)) {
            self.inputs.forget(first.inputs);
        }
    }
}

impl<M: Machine> Stand<M> {
    fn step(&mut self, log: &mut Vec<M::Entry>) -> bool {
        let before = log.len();
        let goes_on = self.machine.step(log);
        self.steps += u64::from(goes_on);
        self.written += log.len() - before;
        goes_on
    }

    fn take(&mut self, input: &M::Input, log: &mut Vec<M::Entry>) -> Result<(), M::Error> {
        let before = log.len();
        self.machine.take(input, log)?;
        self.inputs += 1;
        self.written += log.len() - before;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CLOSEST, Machine, Run};
    use crate::history::Limits;

    /// Writes as many numbers a step as its state says, up to three.
    #[derive(Clone, Debug, PartialEq)]
    struct Mixer(u64);

    impl Machine for Mixer {
        type Entry = u64;
        type Input = u64;
        type Error = &'static str;

        fn step(&mut self, log: &mut Vec<u64>) -> bool {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let count = (self.0 >> 33) % 4;
            log.extend((0..count).map(|number| self.0.wrapping_add(number)));
            true
        }

        /// An odd input is mixed in without a word.
        fn take(&mut self, input: &u64, log: &mut Vec<u64>) -> Result<(), &'static str> {
            if input.is_multiple_of(2) {
                log.push(*input);
            }
            self.0 ^= *input;
            if *input == 0 { Err("nothing to mix in") } else { Ok(()) }
        }

        fn weight(&self) -> usize {
            100
        }
    }

    fn limits(checkpoint_bytes: usize) -> Limits {
        Limits { checkpoint_bytes, ..Limits::default() }
    }

    /// A run of some steps with an input after every thousandth, and its log.
    fn played(steps: u64, limits: Limits) -> (Run<Mixer>, Vec<u64>) {
        let mut log = Vec::new();
        let mut run = Run::new(Mixer(1), 0, limits);
        for step in 1..=steps {
            run.step(&mut log);
            if step % 1_000 == 0 {
                run.take(step, &mut log).expect("it is not 0");
            }
        }
        (run, log)
    }

    #[test]
    fn a_fork_goes_on_as_the_run_did() {
        for bytes in [10_000, 1] {
            let (run, log) = played(30_000, limits(bytes));
            assert_eq!(run.written(), log.len());
            for cursor in (0..=log.len()).step_by(1_313) {
                let mut fork = run.fork(cursor).expect("nothing is forgotten");
                assert!((cursor..cursor + 3).contains(&fork.written()));
                let mut again = log[..fork.written()].to_vec();
                let inputs: Vec<(u64, u64)> = run.inputs().skip(fork.inputs().count()).copied().collect();
                for step in fork.state.steps..30_000 {
                    for (_, input) in inputs.iter().filter(|(at, _)| *at == step) {
                        fork.take(*input, &mut again).expect("it is not 0");
                    }
                    fork.step(&mut again);
                }
                fork.take(30_000, &mut again).expect("it is not 0");
                assert!(again == log && fork.machine() == run.machine(), "from {cursor}");
            }
            assert!(run.fork(log.len() + 1).is_none());
        }
    }

    #[test]
    fn an_input_that_wrote_nothing_is_not_lost() {
        let (mut run, mut log) = played(10, limits(1_000));
        for input in [3, 5, 8] {
            run.take(input, &mut log).expect("it is not 0");
        }
        let before = run.fork(log.len() - 1).expect("it is known");
        assert_eq!(before.inputs().map(|(_, input)| *input).collect::<Vec<_>>(), [3, 5]);
        let after = run.fork(log.len()).expect("it is known");
        assert_eq!((after.inputs().count(), after.machine()), (3, run.machine()));
    }

    #[test]
    fn what_cannot_be_done_changes_nothing() {
        let (mut run, mut log) = played(10, limits(1_000));
        let before = (run.machine().clone(), run.written(), log.clone());
        assert_eq!(run.take(0, &mut log), Err("nothing to mix in"));
        assert_eq!((run.machine().clone(), run.written(), log), before);
        assert_eq!(run.inputs().count(), 0);
    }

    #[test]
    fn forgetting_keeps_what_later_forks_need() {
        let (mut run, _) = played(30_000, limits(1_000_000));
        let cursor = 5 * CLOSEST;
        let wanted =
            |run: &Run<Mixer>| [cursor, cursor + 77].map(|cursor| run.fork(cursor).map(|fork| fork.state.machine));
        let before = wanted(&run);
        let weight = run.checkpoints_weight();
        run.forget(cursor);
        assert!(run.checkpoints_weight() < weight && run.fork(0).is_none());
        assert_eq!(wanted(&run), before);
    }
}
