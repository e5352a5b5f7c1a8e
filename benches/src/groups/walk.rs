//! Goes round and round a list at next to no cost.

/// A place in a list that moves on, and from the end back to the start.
pub struct Walk<'a, T> {
    items: &'a [T],
    at: usize,
}

impl<'a, T> Walk<'a, T> {
    /// Starts with the item at `at`.
    pub fn starting(items: &'a [T], at: usize) -> Walk<'a, T> {
        Walk { items, at }
    }

    /// Where it is: a walk that starts there goes on with the next item.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The next item.
    #[inline]
    pub fn one(&mut self) -> &'a T {
        let item = &self.items[self.at];
        self.at += 1;
        if self.at == self.items.len() {
            self.at = 0;
        }
        item
    }

    /// Hands the next `count` items to `visit`. A plain loop over slices: nothing is divided or
    /// checked for each item.
    #[inline]
    pub fn next(&mut self, count: u64, mut visit: impl FnMut(&'a T)) {
        let mut left = count as usize;
        while left > 0 {
            let rest = &self.items[self.at..];
            let now = rest.len().min(left);
            for item in &rest[..now] {
                visit(item);
            }
            left -= now;
            self.at = (self.at + now) % self.items.len();
        }
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
        let items = [1, 2, 3];
        let mut walk = Walk::starting(&items, 2);
        let mut seen = Vec::new();
        walk.next(2, |item| seen.push(*item));
        walk.next(7, |item| seen.push(*item));
        assert_eq!((*walk.one(), *walk.one()), (3, 1));
        assert_eq!(seen, [3, 1, 2, 3, 1, 2, 3, 1, 2]);
    }
}
