//! One thing again and again, of which the compiler cannot know that it is one.
//!
//! `black_box` would do as well, but writes to memory what it hides. An atomic step waits for such
//! writes: a count of a handle with one before it takes half as long again.

/// So many places have the same thing.
const PLACES: usize = 64;

/// A list with the same thing in each place.
pub fn again<T>(thing: &T) -> Vec<&T> {
    vec![thing; PLACES]
}
