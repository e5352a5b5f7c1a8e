//! Maps and sets from a fuzzer's bytes, for the crate arbitrary.

use core::hash::{BuildHasher, Hash};

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::{Hamt, HamtSet, InfallibleKind};

impl<'a, K, V, S, P> Arbitrary<'a> for Hamt<K, V, S, P>
where
    K: Arbitrary<'a> + Hash + Eq,
    V: Arbitrary<'a>,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary_iter()?.collect()
    }

    fn arbitrary_take_rest(u: Unstructured<'a>) -> Result<Self> {
        u.arbitrary_take_rest_iter()?.collect()
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (0, None)
    }
}

impl<'a, T, S, P> Arbitrary<'a> for HamtSet<T, S, P>
where
    T: Arbitrary<'a> + Hash + Eq,
    S: BuildHasher + Default,
    P: InfallibleKind,
{
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary_iter()?.collect()
    }

    fn arbitrary_take_rest(u: Unstructured<'a>) -> Result<Self> {
        u.arbitrary_take_rest_iter()?.collect()
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (0, None)
    }
}
