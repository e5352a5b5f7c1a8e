//! How many iterations fill a turn.

use std::time::Duration;

use super::Turn;

/// The number of iterations that take about `turn`, at least one.
pub(super) fn iterations(turn: Duration, participant: &mut Turn<'_>) -> u64 {
    let mut iterations: u64 = 1;
    loop {
        let time = participant(iterations);
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

    #[test]
    fn iterations_fill_the_turn() {
        let mut it = |iterations: u64| Duration::from_nanos(20 + 10 * iterations);
        let found = iterations(Duration::from_micros(2_500), &mut (&mut it as Turn<'_>));
        assert!((240_000..=250_000).contains(&found), "{found}");
    }

    #[test]
    fn what_takes_longer_than_a_turn_runs_once() {
        let mut it = |iterations| Duration::from_secs(iterations);
        assert_eq!(
            iterations(Duration::from_millis(1), &mut (&mut it as Turn<'_>)),
            1
        );
    }

    #[test]
    fn what_takes_no_time_comes_to_an_end() {
        let mut it = |_| Duration::ZERO;
        assert!(iterations(Duration::from_millis(1), &mut (&mut it as Turn<'_>)) > 1);
    }
}
