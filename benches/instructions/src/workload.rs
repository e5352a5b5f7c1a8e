//! What workloads are made of: loops that are timed, over operands that the optimizer cannot see
//! through.
//!
//! The rule: what an operation reads comes through [`hide`] in each iteration. Else the compiler
//! knows that a loop asks one map, or for one variable, again and again. It then loads the root, its
//! tags or the variable's key once, before the loop, which no program between whose reads something
//! happens can do: looking up one of ten keys read 0.44 of its cost that way, and a peer of another
//! shape won or lost by it. And what an operation gives is summed up or dropped, so that it is done.

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Returns the same reference, of which the optimizer knows nothing, and of nothing behind it.
///
/// `black_box` would do as well, but it writes the reference to memory and reads it again. An atomic
/// operation waits for such writes: a clone of an `Arc` after one takes half as long again.
#[inline(always)]
pub fn hide<T>(thing: &T) -> &T {
    // SAFETY: it is the pointer of a reference that lives as long.
    unsafe { &*hidden(std::ptr::from_ref(thing).cast_mut()) }
}

/// As [`hide`], for what is changed.
#[inline(always)]
pub fn hide_mut<T>(thing: &mut T) -> &mut T {
    // SAFETY: it is the pointer of a reference that lives as long, and that is not used meanwhile.
    unsafe { &mut *hidden(thing) }
}

#[inline(always)]
fn hidden<T>(pointer: *mut T) -> *mut T {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        let mut pointer = pointer;
        // SAFETY: the assembly is a comment, so the pointer comes out as it went in. Without `nomem`
        // the compiler takes what it points to for changed.
        unsafe {
            std::arch::asm!("/* {0} */", inout(reg) pointer, options(nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    black_box(pointer)
}

/// Drops what an operation gave, after something that could have looked at it.
#[inline(always)]
pub fn done<T>(thing: T) {
    drop(black_box(thing));
}

/// What a call gives to be summed up, so that it is done.
pub trait Summed {
    /// A word of it.
    fn word(self) -> u64;
}

impl Summed for () {
    #[inline]
    fn word(self) -> u64 {
        0
    }
}

impl Summed for u64 {
    #[inline]
    fn word(self) -> u64 {
        self
    }
}

/// A kind of values.
pub trait Value: Clone + Eq + 'static {
    /// Makes a value that is equal to those of the same number.
    fn of(number: u64) -> Self;

    /// What a reader reads of it: the number itself, or the address of what a handle counts. A library
    /// that finds a value without touching it has not read it.
    fn word(&self) -> u64;
}

/// A number, or a counted number, whose equality asks the addresses first.
macro_rules! value {
    ($kind:ty, $word:expr) => {
        impl Value for $kind {
            fn of(number: u64) -> Self {
                number.into()
            }

            #[inline]
            fn word(&self) -> u64 {
                $word(self)
            }
        }
    };
}

value!(u64, u64::clone);
value!(Arc<u64>, |counted: &Self| address(counted));
value!(Rc<u64>, |counted: &Self| address(counted));

/// Returns a number's address.
#[inline]
pub fn address(thing: &u64) -> u64 {
    std::ptr::from_ref(thing).addr() as u64
}

/// Times so many calls of `body`, whose results are summed up. Each caller has a loop of its own,
/// which is not inlined: what the compiler makes of one has nothing to do with the others.
#[inline(never)]
pub fn time<R: Summed>(count: u64, mut body: impl FnMut() -> R) -> Duration {
    let mut sum = 0_u64;
    let started = Instant::now();
    for _ in 0..count {
        sum = sum.wrapping_add(body().word());
    }
    black_box(sum);
    started.elapsed()
}

/// A place in a list that moves on, and from the end back to the start.
pub struct Walk<'a, T> {
    items: &'a [T],
    at: usize,
}

impl<'a, T> Walk<'a, T> {
    /// Starts with the first item.
    pub fn new(items: &'a [T]) -> Self {
        Walk { items, at: 0 }
    }

    /// Starts with the item at `at`.
    pub fn starting(items: &'a [T], at: usize) -> Self {
        Walk { items, at }
    }

    /// Where it is: a walk that starts there goes on with the next item.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Returns the next item, hidden.
    #[inline(always)]
    pub fn one(&mut self) -> &'a T {
        let item = &self.items[self.at];
        self.at += 1;
        if self.at == self.items.len() {
            self.at = 0;
        }
        hide(item)
    }

    /// Calls `visit` with each of the next `count` items, hidden. A plain loop over slices: nothing
    /// is divided or checked for each item.
    #[inline(always)]
    pub fn visit(&mut self, count: u64, mut visit: impl FnMut(&'a T)) {
        let mut left = count as usize;
        while left > 0 {
            let rest = &self.items[self.at..];
            let now = rest.len().min(left);
            for item in &rest[..now] {
                visit(hide(item));
            }
            left -= now;
            self.at = if now == rest.len() { 0 } else { self.at + now };
        }
    }

    /// Times [`visit`](Walk::visit), as [`time`] does.
    #[inline(never)]
    pub fn time<R: Summed>(&mut self, count: u64, mut visit: impl FnMut(&'a T) -> R) -> Duration {
        let mut sum = 0_u64;
        let started = Instant::now();
        self.visit(count, |item| sum = sum.wrapping_add(visit(item).word()));
        black_box(sum);
        started.elapsed()
    }
}

// Not derived: a place can be copied whatever the items are.
impl<T> Clone for Walk<'_, T> {
    fn clone(&self) -> Self {
        Walk { ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_on_where_it_was() {
        let mut walk = Walk::new(&[1, 2, 3]);
        let mut seen = vec![*walk.one(), *walk.one()];
        walk.visit(2, |item| seen.push(*item));
        walk.time(7, |item| seen.push(*item));
        assert_eq!(*walk.one(), 3);
        assert_eq!(seen, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2]);
    }
}
