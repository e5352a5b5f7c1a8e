//! Measures a subject and its peers in turns, in one process.
//!
//! A machine's speed changes during a measurement, so each subject and peer has one turn in each
//! round. Disturbances only add time, so the lowest of the rounds is used. A turn is short: on a busy
//! machine turns of 3 ms are always interrupted, most of 0.7 ms are not, and the lowest of nine of
//! those is stable.

use std::time::Duration;

/// Runs an operation a number of times, and returns the time that it took. It reads the clock itself,
/// so that it can prepare and clean up outside of the timed part.
pub type Turn<'a> = Box<dyn FnMut(u64) -> Duration + 'a>;

/// The length of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The approximate time of one turn.
    pub turn: Duration,
    /// The number of rounds.
    pub rounds: usize,
}

/// The number of rounds whose lowest time is stable, on a quiet machine.
const STEADY: usize = 9;

impl Pace {
    /// For figures that may be published.
    pub const FULL: Pace = Pace {
        rounds: 3 * STEADY,
        ..Pace::QUICK
    };
    /// For a quick run.
    pub const QUICK: Pace = Pace {
        turn: Duration::from_micros(700),
        rounds: STEADY,
    };
}

/// The measurements of one subject or peer: the nanoseconds of an operation in each round.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// Returns the lowest figure.
    pub fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Returns the quartiles of the ratios to another's figures in the same round: the uncertainty of
    /// the ratio of the lowest figures.
    pub fn spread(&self, other: &Samples) -> [f64; 2] {
        let mut ratios: Vec<f64> = self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        [1, 3].map(|quarter| ratios[(ratios.len() - 1) * quarter / 4])
    }
}

/// Measures all in rounds. The order rotates by one in each round.
///
/// A turn starts with a warm-up that is not timed, which loads the data into the caches. If an
/// iteration takes longer than a turn there are fewer rounds, since more do not help.
pub fn measure(pace: Pace, turns: &mut [Turn<'_>]) -> Vec<Samples> {
    let counts: Vec<u64> = turns
        .iter_mut()
        .map(|turn| iterations(pace.turn, turn))
        .collect();
    let long = counts.contains(&1);
    let rounds = pace.rounds.min(if long { STEADY } else { usize::MAX });
    let mut samples = vec![Samples(Vec::new()); turns.len()];
    for round in 0..rounds {
        for place in 0..turns.len() {
            let now = (round + place) % turns.len();
            let (turn, count) = (&mut turns[now], counts[now]);
            if count >= 4 {
                turn(count / 4);
            }
            let time = turn(count);
            samples[now].0.push(time.as_nanos() as f64 / count as f64);
        }
    }
    samples
}

/// Returns the number of iterations that take about `turn`, at least one.
fn iterations(turn: Duration, of: &mut Turn<'_>) -> u64 {
    let mut iterations: u64 = 1;
    loop {
        let mut time = of(iterations);
        // A run this long may have been interrupted, which would make turns too short: run it again.
        // A run of a hundred turns is long without an interruption.
        if turn / 4 <= time && time < turn * 100 {
            time = time.min(of(iterations));
        }
        let fits = turn.as_secs_f64() / time.as_secs_f64().max(1e-9);
        if fits <= 4.0 || iterations >= 1 << 32 {
            return ((iterations as f64 * fits) as u64).max(1);
        }
        // The first run is slow, and the clock is coarse: grow at most tenfold.
        iterations *= (fits as u64).min(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn each_has_one_turn_a_round_and_the_order_rotates() {
        let log = RefCell::new(String::new());
        let turn = |name: char, cost: u64| -> Turn<'_> {
            let log = &log;
            Box::new(move |iterations| {
                log.borrow_mut().push(name);
                Duration::from_secs(cost * iterations)
            })
        };
        let samples = measure(Pace::FULL, &mut [turn('a', 1), turn('b', 2), turn('c', 1)]);
        // First one call each to find the count. One iteration is more than a turn: no warm-up.
        assert!(log.borrow().starts_with("abcabcbcacababc"), "{log:?}");
        assert_eq!(log.borrow().len(), 3 + 3 * STEADY);
        assert_eq!(
            (samples[1].least(), samples[1].spread(&samples[0])),
            (2e9, [2.0, 2.0])
        );
    }

    #[test]
    fn a_turn_is_full_length_after_a_warm_up_of_a_quarter() {
        let counts = RefCell::new(Vec::new());
        let turn: Turn<'_> = Box::new(|iterations| {
            counts.borrow_mut().push(iterations);
            Duration::from_micros(iterations)
        });
        let samples = measure(Pace::QUICK, &mut [turn]);
        assert_eq!(counts.borrow().split_last_chunk().unwrap().1, &[175, 700]);
        assert_eq!(samples[0].least(), 1_000.0);
    }

    #[test]
    fn one_interruption_does_not_make_a_turn_short() {
        for interrupted in 1..7 {
            let mut call = 0;
            let mut it: Turn<'_> = Box::new(|iterations| {
                call += 1;
                let interruption = u64::from(call == interrupted) * 20_000_000;
                Duration::from_nanos(20 + 10 * iterations + interruption)
            });
            let found = iterations(Duration::from_millis(3), &mut it);
            assert!((250_000..=300_000).contains(&found), "{found}");
        }
        assert!(
            iterations(
                Pace::QUICK.turn,
                &mut (Box::new(|_| Duration::ZERO) as Turn<'_>)
            ) > 1
        );
    }

    #[test]
    fn figures_are_the_lowest_and_ratios_have_a_spread() {
        let own = Samples(vec![10.0, 20.0, 5.0, 9.0, 8.0]);
        assert_eq!(own.least(), 5.0);
        assert_eq!(own.spread(&Samples(vec![1.0; 5])), [8.0, 10.0]);
    }
}
