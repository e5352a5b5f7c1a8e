//! What is measured on one set of contexts.

use super::row::Row;
use crate::groups::Plan;

const SIZES: [u64; 4] = [1, 10, 100, 1_000];

/// Rows on contexts of one size, with values of one kind.
pub struct Block {
    /// How many variables each binds.
    pub size: u64,
    /// Whether the values are counted.
    pub counted: bool,
    /// What is done with them.
    pub rows: Vec<Row>,
}

impl Block {
    /// Everything that the plan includes.
    pub fn all(plan: &Plan<'_>) -> Vec<Block> {
        let kinds = |size| [false, true].map(|counted| (size, counted));
        let blocks = SIZES.into_iter().flat_map(kinds).map(|(size, counted)| {
            let included = |row: &Row| row.suits(size) && plan.includes(&row.title(size, counted));
            Block {
                size,
                counted,
                rows: Row::ALL.into_iter().filter(included).collect(),
            }
        });
        blocks.filter(|block| !block.rows.is_empty()).collect()
    }
}
