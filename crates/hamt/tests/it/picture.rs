//! What a tree must look like, straight from the definition of its shape: a
//! second way to the text that `RawHamt::dump` makes by walking the tree.

use std::{collections::BTreeMap, fmt::Write};

/// An entry's hash and its text. Entries of one hash come in binding order.
pub type Line = (u32, String);

/// The dump of any map that holds these entries, whatever its history.
pub fn picture(lines: &[Line]) -> String {
    let mut text = String::new();
    match lines {
        [] => text.push_str("empty\n"),
        lines => subtree(&lines.iter().collect::<Vec<_>>(), 0, &mut text),
    }
    text
}

fn subtree(lines: &[&Line], level: usize, text: &mut String) {
    let hash = lines[0].0;
    if let [(hash, entry)] = lines {
        writeln!(text, "{hash:#010x} {entry}").unwrap();
    } else if lines.iter().all(|line| line.0 == hash) {
        writeln!(text, "collision of {}, {hash:#010x}", lines.len()).unwrap();
        for (_, entry) in lines {
            writeln!(text, "{}{entry}", indent(level)).unwrap();
        }
    } else {
        let mut children = BTreeMap::<u32, Vec<&Line>>::new();
        for line in lines {
            children
                .entry(line.0 >> (5 * level) & 31)
                .or_default()
                .push(line);
        }
        let bits = children.keys().fold(0_u32, |bits, index| bits | 1 << index);
        writeln!(text, "branch of {}, {bits:#b}", children.len()).unwrap();
        for (index, lines) in children {
            write!(text, "{}{index}: ", indent(level)).unwrap();
            subtree(&lines, level + 1, text);
        }
    }
}

fn indent(level: usize) -> String {
    "  ".repeat(level + 1)
}
