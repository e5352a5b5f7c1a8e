//! The timed loops of workloads, with operands that are hidden from the optimizer.
//!
//! The rule: the operands of an operation go through [`hide`] in each iteration. Otherwise the
//! compiler knows that a loop reads the same map or variable again and again. It then loads the
//! root, its tags or the variable's key once, before the loop, which a real program cannot do. A
//! lookup of one of ten keys showed 0.44 of its cost that way, and peers gained or lost by it. The
//! result of each operation is summed or dropped, so that the operation is not removed.

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Returns the same reference, but hides it and its target from the optimizer.
///
/// `black_box` does the same, but writes the reference to memory and reads it again. An atomic
/// operation waits for such writes: a clone of an `Arc` directly after one takes 1.5 times as long.
#[inline(always)]
pub fn hide<T>(thing: &T) -> &T {
    // SAFETY: the pointer comes from a reference with the same lifetime.
    unsafe { &*hidden(std::ptr::from_ref(thing).cast_mut()) }
}

/// As [`hide`], for a mutable reference.
#[inline(always)]
pub fn hide_mut<T>(thing: &mut T) -> &mut T {
    // SAFETY: the pointer comes from a reference with the same lifetime, which is not used meanwhile.
    unsafe { &mut *hidden(thing) }
}

#[inline(always)]
fn hidden<T>(pointer: *mut T) -> *mut T {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        let mut pointer = pointer;
        // SAFETY: the assembly is a comment, so the pointer is unchanged. Without `nomem` the compiler
        // assumes that its target has changed.
        unsafe {
            std::arch::asm!("/* {0} */", inout(reg) pointer, options(nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    black_box(pointer)
}

/// Drops the result of an operation, which `black_box` keeps from being optimized away.
#[inline(always)]
pub fn done<T>(thing: T) {
    drop(black_box(thing));
}

/// The result of a timed call, which is summed so that the call is not optimized away.
pub trait Summed {
    /// Returns a word of the result.
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
    /// Creates a value, equal to others of the same number.
    fn of(number: u64) -> Self;

    /// Returns the word that a reader reads: the number, or the address in a counted handle. A library
    /// that finds a value without touching it has not read it.
    fn word(&self) -> u64;
}

/// Implements [`Value`] for a number, or for a counted one, which is first compared by address.
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

/// Times `count` calls of `body`, whose results are summed. Each caller gets its own instance of this
/// function, which is not inlined, so the compiler optimizes each loop independently.
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

/// A cyclic cursor in a list.
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

    /// Returns the index of the next item.
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

    /// Calls `visit` with each of the next `count` items, hidden. A plain loop over slices, without a
    /// division or a bounds check for each item.
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

    /// Times a [`visit`](Walk::visit), as [`time`] does.
    #[inline(never)]
    pub fn time<R: Summed>(&mut self, count: u64, mut visit: impl FnMut(&'a T) -> R) -> Duration {
        let mut sum = 0_u64;
        let started = Instant::now();
        self.visit(count, |item| sum = sum.wrapping_add(visit(item).word()));
        black_box(sum);
        started.elapsed()
    }
}

// Not derived, which would require `T: Clone`.
impl<T> Clone for Walk<'_, T> {
    fn clone(&self) -> Self {
        Walk { ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_continues_and_wraps_around() {
        let mut walk = Walk::new(&[1, 2, 3]);
        let mut seen = vec![*walk.one(), *walk.one()];
        walk.visit(2, |item| seen.push(*item));
        walk.time(7, |item| seen.push(*item));
        assert_eq!(*walk.one(), 3);
        assert_eq!(seen, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2]);
    }
}
