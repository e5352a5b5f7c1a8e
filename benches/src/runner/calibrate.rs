//! How many iterations fill a turn.

use std::time::Duration;

use super::Turn;

/// The number of iterations that take about `turn`, at least one.
pub(super) fn iterations(turn: Duration, participant: &mut Turn<'_>) -> u64 {
    let mut iterations: u64 = 1;
    loop {
        let mut time = participant(iterations);
        // Whoever takes so long may have been interrupted, and would have turns of one iteration
        // then. Who takes a hundred turns was not.
        if turn / 4 <= time && time < turn * 100 {
            time = time.min(participant(iterations));
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
    fn one_interruption_does_not_make_a_turn_short() {
        for interrupted in 0..6 {
            let mut call = 0;
            let mut it = |iterations: u64| {
                call += 1;
                let interruption = u64::from(call == interrupted + 1) * 20_000_000;
                Duration::from_nanos(20 + 10 * iterations + interruption)
            };
            let found = iterations(Duration::from_millis(3), &mut (&mut it as Turn<'_>));
            assert!((250_000..=300_000).contains(&found), "{found}");
        }
    }

    #[test]
    fn what_takes_no_time_comes_to_an_end() {
        let mut it = |_| Duration::ZERO;
        assert!(iterations(Duration::from_millis(1), &mut (&mut it as Turn<'_>)) > 1);
    }
}
