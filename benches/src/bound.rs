//! What a figure may be at most, and whether it is.

use serde::{Deserialize, Serialize};

/// What a subject's figure may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// This share of the peer's figure.
    OfPeer(f64),
    /// This figure, whatever the peers need.
    Itself(f64),
}

/// A limit, and how it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// What is allowed.
    pub limit: Limit,
    /// Whether it must hold in every cell; of the others, one in [`MAY_MISS`] may miss.
    pub strict: bool,
}

/// How a figure stands to its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within the bound, as it is read.
    Holds,
    /// Beyond it.
    Misses,
    /// So far beyond it that no cell may be.
    MissesBadly,
}

/// One bounded cell in so many may miss.
pub const MAY_MISS: usize = 6;

/// What a run may differ by from another, so that 1.0 reads 1.05.
const READING: f64 = 1.05;

/// A miss by more than this is bad.
const BAD: f64 = 1.3;

impl Bound {
    /// At most `share` of the peer, in most cells.
    pub const fn of_peer(share: f64) -> Bound {
        Bound {
            limit: Limit::OfPeer(share),
            strict: false,
        }
    }

    /// As [`of_peer`](Bound::of_peer), but read to the letter: what a reading would add is taken
    /// off before.
    pub const fn of_peer_exactly(share: f64) -> Bound {
        Bound::of_peer(share / READING)
    }

    /// The same, in every cell.
    pub const fn strict(self) -> Bound {
        Bound {
            strict: true,
            ..self
        }
    }

    /// At most `figure`, whatever the peers need, in every cell.
    pub const fn itself(figure: f64) -> Bound {
        Bound {
            limit: Limit::Itself(figure),
            strict: true,
        }
    }

    /// At most these shares of the best of these fields, where there is a share; all in every
    /// cell, if `strict`.
    pub fn of_fields<const N: usize>(
        shares: [(&'static str, Option<f64>); N],
        strict: bool,
    ) -> Vec<(&'static str, Bound)> {
        let bounds = shares.into_iter().filter_map(|(field, share)| {
            let limit = Limit::OfPeer(share?);
            Some((field, Bound { limit, strict }))
        });
        bounds.collect()
    }

    /// Holds a subject's figure, and its ratio to the peer's, against the bound. A ratio that is
    /// wanted and is not there misses badly.
    pub fn judge(self, figure: f64, ratio: Option<f64>) -> Verdict {
        let (found, limit) = match self.limit {
            Limit::OfPeer(share) => (ratio.unwrap_or(f64::INFINITY), share),
            Limit::Itself(most) => (figure, most),
        };
        if found <= limit * READING {
            Verdict::Holds
        } else if found <= limit * BAD {
            Verdict::Misses
        } else {
            Verdict::MissesBadly
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_read_with_a_twentieth() {
        let bound = Bound::of_peer(1.0);
        assert_eq!(bound.judge(0.0, Some(1.05)), Verdict::Holds);
        assert_eq!(bound.judge(0.0, Some(1.06)), Verdict::Misses);
        let half = Bound::of_peer(0.5);
        assert_eq!(half.judge(0.0, Some(0.52)), Verdict::Holds);
        assert_eq!(half.judge(0.0, Some(0.53)), Verdict::Misses);
    }

    #[test]
    fn an_exact_bound_is_read_to_the_letter() {
        let bound = Bound::of_peer_exactly(2.0 / 1.9);
        assert_eq!(bound.judge(0.0, Some(1.052)), Verdict::Holds);
        assert_eq!(bound.judge(0.0, Some(1.053)), Verdict::Misses);
    }

    #[test]
    fn a_miss_by_more_than_three_tenths_is_bad() {
        let half = Bound::of_peer(0.5);
        assert_eq!(half.judge(0.0, Some(0.65)), Verdict::Misses);
        assert_eq!(half.judge(0.0, Some(0.66)), Verdict::MissesBadly);
        assert_eq!(half.judge(0.0, None), Verdict::MissesBadly);
    }

    #[test]
    fn fields_without_a_share_have_no_bound() {
        let bounds = Bound::of_fields([("a", Some(0.5)), ("b", None)], true);
        assert_eq!(bounds, [("a", Bound::of_peer(0.5).strict())]);
    }

    #[test]
    fn a_bound_on_the_figure_itself_looks_at_no_peer() {
        let none = Bound::itself(0.0);
        assert_eq!(none.judge(0.0, None), Verdict::Holds);
        assert_eq!(none.judge(0.001, Some(0.1)), Verdict::MissesBadly);
    }
}
