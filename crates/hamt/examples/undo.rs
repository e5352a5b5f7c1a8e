//! Undo: each version of a map is kept whole, and shares what did not change.
//!
//! `cargo run -p contextvars-hamt --example undo`; elsewhere, `cargo add contextvars-hamt`.

use hamt::Hamt;

#[derive(Default)]
struct Sheet {
    cells: Hamt<&'static str, i64>,
    versions: Vec<Hamt<&'static str, i64>>,
}

impl Sheet {
    fn set(&mut self, cell: &'static str, value: i64) {
        self.versions.push(self.cells.clone()); // O(1), whatever the size of the sheet.
        self.cells.insert(cell, value);
    }

    fn undo(&mut self) {
        self.cells = self.versions.pop().unwrap_or_default();
    }
}

fn main() {
    let mut sheet = Sheet::default();
    sheet.set("a1", 1);
    sheet.set("a1", 2);
    println!("{:?}", sheet.versions[1].diff(&sheet.cells)); // Skips what both share.
    sheet.undo();
    assert_eq!(sheet.cells.get("a1"), Some(&1));
}
