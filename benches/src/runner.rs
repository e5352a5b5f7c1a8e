//! Measures participants against each other, in turns, in one process.
//!
//! Machines speed up and slow down while one measures. So nobody is measured alone: in each round
//! every participant has one turn, and what counts is the ratio of two turns of the same round.

mod calibrate;
mod pace;
mod statistics;

use std::time::Duration;

pub use pace::Pace;
pub use statistics::Quartiles;

/// One participant: does what is measured as often as it is told, and returns the time that took.
/// It takes the time itself, so that it can prepare and clear up outside it.
pub type Turn<'a> = &'a mut dyn FnMut(u64) -> Duration;

/// What was measured of one participant: nanoseconds per operation, a figure a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Takes figures of one participant, in the order of the rounds.
    pub fn new(rounds: Vec<f64>) -> Samples {
        Samples(rounds)
    }

    /// The same for operations that each do `parts` things: the cost of one thing.
    pub fn per(self, parts: u64) -> Samples {
        Samples(self.0.into_iter().map(|cost| cost / parts as f64).collect())
    }

    /// The same without a part that is not to count and needs so much, whatever the round.
    pub fn less(&self, part: f64) -> Samples {
        // No figure is less than nothing, nor nothing, which no ratio could be with.
        let left = |own: &f64| (own - part).max(0.01);
        Samples(self.0.iter().map(left).collect())
    }

    /// The figures' median, with quartiles.
    pub fn quartiles(&self) -> Quartiles {
        Quartiles::of(&self.0)
    }

    /// The ratios of this participant's figures to another's, round by round.
    pub fn over(&self, other: &Samples) -> Quartiles {
        let ratios = self.0.iter().zip(&other.0).map(|(own, other)| own / other);
        Quartiles::of(&ratios.collect::<Vec<_>>())
    }
}

/// Measures all `participants` in rounds, in an order that moves by one from round to round.
///
/// Before the first round each is given a number of iterations that fills a turn. A turn starts
/// with a part that does not count, which brings the participant's data back into the caches.
pub fn measure(pace: Pace, participants: &mut [Turn<'_>]) -> Vec<Samples> {
    let iterations: Vec<u64> = participants
        .iter_mut()
        .map(|turn| calibrate::iterations(pace.turn, turn))
        .collect();
    let mut samples = vec![Samples(Vec::new()); participants.len()];
    for round in 0..pace.rounds {
        for place in 0..participants.len() {
            let who = (round + place) % participants.len();
            let warm_up = iterations[who] / 4;
            if warm_up > 0 {
                participants[who](warm_up);
            }
            let time = participants[who](iterations[who]);
            samples[who]
                .0
                .push(time.as_nanos() as f64 / iterations[who] as f64);
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Turns that take the time they are told, and note who had one.
    fn turn<'a>(
        who: char,
        cost: Duration,
        log: &'a RefCell<String>,
    ) -> impl FnMut(u64) -> Duration + 'a {
        move |iterations| {
            log.borrow_mut().push(who);
            cost * u32::try_from(iterations).unwrap()
        }
    }

    #[test]
    fn everyone_has_one_turn_a_round_and_the_order_moves() {
        let log = RefCell::default();
        let second = Duration::from_secs(1);
        let (mut a, mut b, mut c) = (
            turn('a', second, &log),
            turn('b', 2 * second, &log),
            turn('c', second, &log),
        );
        let pace = Pace {
            turn: Duration::from_millis(1),
            rounds: 4,
        };
        let samples = measure(pace, &mut [&mut a, &mut b, &mut c]);
        // Once each to calibrate, since nobody is thought to be interrupted for so long; one
        // iteration is more than a turn, so nothing is warmed up.
        assert_eq!(log.borrow().as_str(), "abcabcbcacababc");
        assert_eq!(samples[1].quartiles().median, 2e9);
        assert_eq!(samples[1].over(&samples[0]).median, 2.0);
    }

    #[test]
    fn a_turn_is_warmed_up_by_a_quarter_that_does_not_count() {
        let counts = RefCell::new(Vec::new());
        let mut it = |iterations| {
            counts.borrow_mut().push(iterations);
            Duration::from_micros(iterations)
        };
        let pace = Pace {
            turn: Duration::from_micros(100),
            rounds: 1,
        };
        let samples = measure(pace, &mut [&mut it]);
        assert_eq!(counts.borrow().split_last_chunk().unwrap().1, &[25, 100]);
        assert_eq!(samples[0].quartiles().median, 1_000.0);
    }

    #[test]
    fn what_is_not_to_count_is_taken_off() {
        let own = Samples::new(vec![10.0, 20.0, 5.0]);
        assert_eq!(own.less(4.0), Samples::new(vec![6.0, 16.0, 1.0]));
        assert!(own.less(10.0).quartiles().lower > 0.0);
    }

    #[test]
    fn a_cost_per_part_is_a_share_of_the_whole() {
        let samples = Samples::new(vec![10.0, 20.0, 40.0]).per(10);
        assert_eq!(samples.quartiles().median, 2.0);
    }
}
