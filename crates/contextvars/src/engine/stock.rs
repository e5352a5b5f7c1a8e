//! Copies of the current context's bindings that are counted in advance.
//!
//! A copy increments the reference count of the trie's root, which is an atomic
//! operation. A thread that copies its current context again and again, as an event loop
//! does, increments it by a few dozen at once and takes the copies from there without.
//!
//! The stock is the thread's own and belongs to one activation. It is given
//! back before the thread changes the bindings, so that they are changed in place
//! where no other version has them, and when the activation ends. So it keeps nothing alive
//! that the context does not hold, and giving it back drops nothing.

use crate::engine::{Bindings, Bound, DeepDrop, Domain, Kind};
use hamt::raw::Clones;
use std::cell::{Cell, RefCell};
use threadstate::Activation;

/// How many copies are counted at once.
const COUNTED: u8 = 32;

pub(super) struct Stock<D: Domain> {
    /// The activation in which the bindings were last copied, if they have not changed
    /// since; else [`Activation::NONE`].
    activation: Cell<Activation>,
    copies: RefCell<Option<Copies<D>>>,
}

type Copies<D> = Clones<Bound<<D as Domain>::Var>, DeepDrop<<D as Domain>::Value>, Kind>;

impl<D: Domain> Stock<D> {
    /// Copies the bindings of this activation.
    // What is out of line gives nothing back: a copy made there would go through
    // memory.
    #[inline]
    pub(super) fn copy(&self, activation: Activation, bindings: &Bindings<D>) -> Bindings<D> {
        if self.activation.get() != activation {
            self.begin(activation);
        } else if let Some(copy) = self.copies.borrow_mut().as_mut().and_then(Iterator::next) {
            return copy;
        } else {
            self.count(bindings);
        }
        bindings.clone()
    }

    /// Drops what is left of the last stock, and notes the activation of the next.
    #[cold]
    fn begin(&self, activation: Activation) {
        self.activation.set(activation);
        self.copies.take();
    }

    /// Counts copies in advance: after a second one there will be others.
    #[cold]
    fn count(&self, bindings: &Bindings<D>) {
        self.copies.replace(Some(Clones::of(bindings, COUNTED)));
    }

    /// Ends the stock of an activation that ends, or in which the bindings are about to be
    /// changed.
    #[inline]
    pub(super) fn end(&self, activation: Activation) {
        if self.activation.get() == activation {
            self.begin(Activation::NONE);
        }
    }
}

impl<D: Domain> Default for Stock<D> {
    fn default() -> Self {
        Stock {
            activation: Cell::new(Activation::NONE),
            copies: RefCell::new(None),
        }
    }
}
