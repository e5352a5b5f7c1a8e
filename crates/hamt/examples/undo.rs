//! Undo and redo: each version of a map is kept whole, and shares what did not change.
//!
//! `cargo run -p contextvars-hamt --example undo`. In a package of your own: `cargo add
//! contextvars-hamt`.

use hamt::Hamt;

type Cells = Hamt<&'static str, i64>;

#[derive(Default)]
struct Sheet {
    cells: Cells,
    undo: Vec<Cells>,
    redo: Vec<Cells>,
}

impl Sheet {
    fn set(&mut self, cell: &'static str, value: i64) {
        // A clone is O(1), whatever the size of the sheet.
        self.undo.push(self.cells.clone());
        self.redo.clear();
        self.cells.insert(cell, value);
    }
}

/// Replaces `cells` by the last version of `from`, and pushes the replaced one to `to`.
fn go(cells: &mut Cells, from: &mut Vec<Cells>, to: &mut Vec<Cells>) {
    if let Some(version) = from.pop() {
        to.push(std::mem::replace(cells, version));
    }
}

fn main() {
    let mut sheet = Sheet::default();
    sheet.set("a1", 1);
    sheet.set("b1", 2);
    sheet.set("a1", 3);
    go(&mut sheet.cells, &mut sheet.undo, &mut sheet.redo);
    assert_eq!(sheet.cells, Hamt::from([("a1", 1), ("b1", 2)]));
    go(&mut sheet.cells, &mut sheet.redo, &mut sheet.undo);
    assert_eq!(sheet.cells.get("a1"), Some(&3));
    // A comparison of two versions costs what they differ in.
    let before = sheet.undo.last().expect("a change was made");
    println!("{:?}", before.diff(&sheet.cells));
}
