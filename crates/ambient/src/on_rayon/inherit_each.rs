//! Parallel iterators whose items are processed in contexts.

use crate::{Context, without_context};
use rayon::iter::ParallelIterator;
use rayon::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// A method that makes the closures of a parallel iterator inherit the current context.
pub trait ParallelIteratorExt: ParallelIterator {
    /// Runs the adaptors and consumers that follow in contexts that inherit the current one:
    /// the closures of `map`, `filter`, `for_each`, `reduce` and the rest. Each item has its
    /// own context: no other item sees the values that it sets. One allocation for each item.
    ///
    /// Adaptors before this call are not affected, so call it first. The iterator is not
    /// indexed afterwards: call `enumerate` and `zip` before. rayon itself drives the
    /// iterators that `flat_map` returns: call this again after `flat_map`.
    ///
    /// ```
    /// use ambient::Var;
    /// use ambient::on_rayon::ParallelIteratorExt;
    /// use rayon::prelude::*;
    ///
    /// static FACTOR: Var<u64> = Var::new("factor");
    ///
    /// let sum: u64 = FACTOR.scoped(2, || {
    ///     (0..100_u64)
    ///         .into_par_iter()
    ///         .inherit_each()
    ///         .filter(|n| FACTOR.get().is_some_and(|factor| n % factor == 0))
    ///         .map(|n| n * FACTOR.get().unwrap_or(0))
    ///         .sum()
    /// });
    /// assert_eq!(sum, 4_900);
    /// ```
    ///
    /// # Panics
    ///
    /// If a [hook](crate::Var::on_inherit) panics.
    fn inherit_each(self) -> InheritEach<Self> {
        InheritEach {
            base: self,
            context: Context::inherited(),
        }
    }
}

impl<I: ParallelIterator> ParallelIteratorExt for I {}

/// A parallel iterator whose items are processed in contexts. Returned by
/// [`ParallelIteratorExt::inherit_each`].
#[derive(Clone, Debug)]
#[must_use = "iterators do nothing unless driven"]
pub struct InheritEach<I> {
    base: I,
    context: Context,
}

impl<I: ParallelIterator> ParallelIterator for InheritEach<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        let InheritEach { base, context } = self;
        let consumer = InCopies {
            base: consumer,
            context: &context,
        };
        without_context(|| base.drive_unindexed(consumer))
    }

    fn opt_len(&self) -> Option<usize> {
        self.base.opt_len()
    }
}

/// Wraps a consumer, folder or reducer: each call that runs user code runs in a copy of the
/// context.
struct InCopies<'c, T> {
    base: T,
    context: &'c Context,
}

impl<'c, T> InCopies<'c, T> {
    fn with<U>(&self, base: U) -> InCopies<'c, U> {
        InCopies {
            base,
            context: self.context,
        }
    }
}

impl<'c, Item, C: Consumer<Item>> Consumer<Item> for InCopies<'c, C> {
    type Folder = InCopies<'c, C::Folder>;
    type Reducer = InCopies<'c, C::Reducer>;
    type Result = C::Result;

    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let context = self.context;
        let (left, right, reducer) = self.base.split_at(index);
        let with = |base| InCopies { base, context };
        (
            with(left),
            with(right),
            InCopies {
                base: reducer,
                context,
            },
        )
    }

    fn into_folder(self) -> Self::Folder {
        let context = self.context;
        InCopies {
            base: context.copy().run(|| self.base.into_folder()),
            context,
        }
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<Item, C: UnindexedConsumer<Item>> UnindexedConsumer<Item> for InCopies<'_, C> {
    fn split_off_left(&self) -> Self {
        self.with(self.base.split_off_left())
    }

    fn to_reducer(&self) -> Self::Reducer {
        self.with(self.base.to_reducer())
    }
}

impl<Item, F: Folder<Item>> Folder<Item> for InCopies<'_, F> {
    type Result = F::Result;

    fn consume(self, item: Item) -> Self {
        let context = self.context;
        InCopies {
            base: context.copy().run(|| self.base.consume(item)),
            context,
        }
    }

    fn complete(self) -> F::Result {
        self.context.copy().run(|| self.base.complete())
    }

    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<Result, R: Reducer<Result>> Reducer<Result> for InCopies<'_, R> {
    fn reduce(self, left: Result, right: Result) -> Result {
        self.context.copy().run(|| self.base.reduce(left, right))
    }
}
