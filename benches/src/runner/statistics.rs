//! The middle of a list of figures.

use serde::{Deserialize, Serialize};

/// The median of some figures, and the quartiles on both sides of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartiles {
    /// A quarter of the figures is below.
    pub lower: f64,
    /// Half of the figures is below.
    pub median: f64,
    /// A quarter of the figures is above.
    pub upper: f64,
}

impl Quartiles {
    /// Finds the quartiles, between two figures where none is at the very place.
    ///
    /// # Panics
    ///
    /// If there is no figure.
    pub fn of(figures: &[f64]) -> Quartiles {
        assert!(!figures.is_empty(), "quartiles of no figures");
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (sorted.len() - 1) as f64;
            let (below, above) = (
                sorted[place.floor() as usize],
                sorted[place.ceil() as usize],
            );
            below + (above - below) * place.fract()
        };
        Quartiles {
            lower: at(0.25),
            median: at(0.5),
            upper: at(0.75),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_and_even_lists_have_a_middle() {
        assert_eq!(Quartiles::of(&[3.0, 1.0, 2.0]).median, 2.0);
        assert_eq!(Quartiles::of(&[4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(Quartiles::of(&[7.0]).median, 7.0);
    }

    #[test]
    fn quartiles_are_a_quarter_from_each_end() {
        let found = Quartiles::of(&[9.0, 5.0, 1.0, 3.0, 7.0]);
        assert_eq!((found.lower, found.median, found.upper), (3.0, 5.0, 7.0));
        let found = Quartiles::of(&[1.0, 2.0]);
        assert_eq!((found.lower, found.upper), (1.25, 1.75));
    }

    #[test]
    fn one_wild_figure_does_not_move_the_middle() {
        assert_eq!(Quartiles::of(&[1.0, 1.0, 1.0, 1e9]).median, 1.0);
    }
}
