//! Gives a subject and its peers turns in one process.
//!
//! Machines speed up and slow down while one measures, so nothing is measured alone: in each round
//! everything has one turn. What disturbs only adds, so what counts is the least of the rounds. A
//! turn is short: on a machine with more to run than it has cores, turns of 3 ms are always cut,
//! while most of 0.7 ms are not, and the least of nine of those is steady.

use std::time::Duration;

/// Does what is measured so many times, and returns the time that took. It takes the time itself, so
/// that it can prepare and clear up outside.
pub type Turn<'a> = Box<dyn FnMut(u64) -> Duration + 'a>;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// About the time of one turn.
    pub turn: Duration,
    /// How many rounds there are.
    pub rounds: usize,
}

/// As many rounds are steady, on a quiet machine.
const STEADY: usize = 9;

impl Pace {
    /// For figures that may be published.
    pub const FULL: Pace = Pace {
        rounds: 3 * STEADY,
        ..Pace::QUICK
    };
    /// For a first look.
    pub const QUICK: Pace = Pace {
        turn: Duration::from_micros(700),
        rounds: STEADY,
    };
}

/// What was measured of one subject or peer: nanoseconds an operation, a figure a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// Returns the least figure.
    pub fn least(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Returns the quartiles of the ratios to another's figures, round by round: what a ratio of the
    /// least figures can be trusted with.
    pub fn spread(&self, other: &Samples) -> [f64; 2] {
        let mut ratios: Vec<f64> = self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        [1, 3].map(|quarter| ratios[(ratios.len() - 1) * quarter / 4])
    }
}

/// Measures all in rounds, in an order that moves by one from round to round.
///
/// A turn starts with a part that does not count, which brings the data back into the caches. Where
/// an iteration takes longer than a turn there are fewer rounds, as nothing is gained by more.
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
            let who = (round + place) % turns.len();
            let (turn, count) = (&mut turns[who], counts[who]);
            if count >= 4 {
                turn(count / 4);
            }
            let time = turn(count);
            samples[who].0.push(time.as_nanos() as f64 / count as f64);
        }
    }
    samples
}

/// Returns the number of iterations that take about `turn`, at least one.
fn iterations(turn: Duration, of: &mut Turn<'_>) -> u64 {
    let mut iterations: u64 = 1;
    loop {
        let mut time = of(iterations);
        // What takes so long may have been interrupted, and would have short turns then. What takes
        // a hundred turns was not.
        if turn / 4 <= time && time < turn * 100 {
            time = time.min(of(iterations));
        }
        let fits = turn.as_secs_f64() / time.as_secs_f64().max(1e-9);
        if fits <= 4.0 || iterations >= 1 << 32 {
            return ((iterations as f64 * fits) as u64).max(1);
        }
        // A first run is slow, and a clock coarse: do not trust them further than tenfold.
        iterations *= (fits as u64).min(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn each_has_one_turn_a_round_and_the_order_moves() {
        let log = RefCell::new(String::new());
        let turn = |who: char, cost: u64| -> Turn<'_> {
            let log = &log;
            Box::new(move |iterations| {
                log.borrow_mut().push(who);
                Duration::from_secs(cost * iterations)
            })
        };
        let samples = measure(Pace::FULL, &mut [turn('a', 1), turn('b', 2), turn('c', 1)]);
        // Once each to find the count; one iteration is more than a turn, so there is no warm-up.
        assert!(log.borrow().starts_with("abcabcbcacababc"), "{log:?}");
        assert_eq!(log.borrow().len(), 3 + 3 * STEADY);
        assert_eq!(
            (samples[1].least(), samples[1].spread(&samples[0])),
            (2e9, [2.0, 2.0])
        );
    }

    #[test]
    fn a_turn_is_filled_and_warmed_up_by_a_quarter_that_does_not_count() {
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
    fn figures_are_the_least_and_ratios_have_a_spread() {
        let own = Samples(vec![10.0, 20.0, 5.0, 9.0, 8.0]);
        assert_eq!(own.least(), 5.0);
        assert_eq!(own.spread(&Samples(vec![1.0; 5])), [8.0, 10.0]);
    }
}
