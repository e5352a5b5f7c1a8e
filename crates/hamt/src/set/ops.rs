//! Comparing and combining sets, by the operations of their maps.

use core::{
    hash::{BuildHasher, Hash},
    ops::{BitAnd, BitOr, BitXor, Sub},
};

use super::HamtSet;
use crate::kind::InfallibleKind;

impl<T: Hash + Eq, S: BuildHasher, P: InfallibleKind> HamtSet<T, S, P> {
    /// Returns `true` if `other` has every value of this set. For versions with a common ancestor
    /// it costs the number of differences times the depth, otherwise a lookup for each value of
    /// this set. It stops at the first value that `other` does not have.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// assert!(HamtSet::from([1, 2]).is_subset(&HamtSet::from([1, 2, 3])));
    /// assert!(!HamtSet::from([1, 4]).is_subset(&HamtSet::from([1, 2, 3])));
    /// ```
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.map.is_within(&other.map)
    }

    /// Returns `true` if this set has every value of `other`. Costs as much as
    /// [`is_subset`](Self::is_subset).
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// assert!(HamtSet::from([1, 2, 3]).is_superset(&HamtSet::from([1, 2])));
    /// ```
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }

    /// Returns `true` if the two sets have no value in common. Costs a lookup for each value of
    /// the smaller set; it stops at the first one in common.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// assert!(HamtSet::from([1, 2]).is_disjoint(&HamtSet::from([3])));
    /// assert!(!HamtSet::from([1, 2]).is_disjoint(&HamtSet::from([2])));
    /// ```
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let (smaller, larger) = if self.len() <= other.len() {
            (self, other)
        } else {
            (other, self)
        };
        !smaller.iter().any(|value| larger.contains(value))
    }
}

impl<T: Hash + Eq, S: BuildHasher + Clone, P: InfallibleKind> HamtSet<T, S, P> {
    /// Returns the values that are in either set. Of equal ones, this set's is taken. Costs as
    /// much as [`Hamt::union`](crate::Hamt::union).
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// let (a, b) = (HamtSet::from([1, 2]), HamtSet::from([2, 3]));
    /// assert_eq!(a.union(&b), HamtSet::from([1, 2, 3]));
    /// assert_eq!(&a | &b, a.union(&b));
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self
    where
        T: Clone,
    {
        Self {
            map: self.map.union(&other.map),
        }
    }

    /// Returns the values of this set that are in both. Costs as much as
    /// [`Hamt::intersection`](crate::Hamt::intersection).
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// let (a, b) = (HamtSet::from([1, 2]), HamtSet::from([2, 3]));
    /// assert_eq!(a.intersection(&b), HamtSet::from([2]));
    /// assert_eq!(&a & &b, a.intersection(&b));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            map: self.map.intersection(&other.map),
        }
    }

    /// Returns the values of this set that `other` does not have. Costs as much as
    /// [`Hamt::difference`](crate::Hamt::difference).
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// let (a, b) = (HamtSet::from([1, 2]), HamtSet::from([2, 3]));
    /// assert_eq!(a.difference(&b), HamtSet::from([1]));
    /// assert_eq!(&a - &b, a.difference(&b));
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self {
            map: self.map.difference(&other.map),
        }
    }

    /// Returns the values that only one of the two sets has. Costs as much as
    /// [`Hamt::symmetric_difference`](crate::Hamt::symmetric_difference).
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::HamtSet;
    ///
    /// let (a, b) = (HamtSet::from([1, 2]), HamtSet::from([2, 3]));
    /// assert_eq!(a.symmetric_difference(&b), HamtSet::from([1, 3]));
    /// assert_eq!(&a ^ &b, a.symmetric_difference(&b));
    /// ```
    #[must_use]
    pub fn symmetric_difference(&self, other: &Self) -> Self
    where
        T: Clone,
    {
        Self {
            map: self.map.symmetric_difference(&other.map),
        }
    }
}

macro_rules! operator {
    ($trait:ident, $function:ident, $method:ident $(, $clone:ident)?) => {
        #[doc = concat!("Does what [`HamtSet::", stringify!($method), "`] does.")]
        impl<T, S, P> $trait<&HamtSet<T, S, P>> for &HamtSet<T, S, P>
        where
            T: Hash + Eq $(+ $clone)?,
            S: BuildHasher + Clone,
            P: InfallibleKind,
        {
            type Output = HamtSet<T, S, P>;

            fn $function(self, other: &HamtSet<T, S, P>) -> HamtSet<T, S, P> {
                self.$method(other)
            }
        }
    };
}

operator!(BitOr, bitor, union, Clone);
operator!(BitAnd, bitand, intersection);
operator!(Sub, sub, difference);
operator!(BitXor, bitxor, symmetric_difference, Clone);
