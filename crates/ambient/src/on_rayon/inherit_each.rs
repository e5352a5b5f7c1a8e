//! Parallel iterators whose items are worked on in contexts.

use crate::{Context, without_context};
use rayon::iter::ParallelIterator;
use rayon::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// Runs the closures of parallel iterators in the current context.
pub trait ParallelIteratorExt: ParallelIterator {
    /// Runs all that comes after it in contexts that inherit what is current now: the
    /// closures of `map`, `filter`, `for_each`, `reduce` and the rest. Each item has a
    /// context of its own: what one sets, no other sees. One allocation for each item.
    ///
    /// What comes before it runs as it did, so it stands in front. After it the iterator
    /// is not indexed: `enumerate` and `zip` go before it. The iterators that `flat_map`
    /// makes are driven by rayon itself: put it behind that, too.
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

/// A parallel iterator whose items are worked on in contexts: from
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

/// A consumer, folder or reducer, each call of which runs in a copy of the context.
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
