//! What is measured on one set of maps.

use std::time::Duration;

use super::field;
use super::kinds::{ArcCounted, ArcHandle, Key, RcCounted, RcHandle, Value};
use super::measure::{arc_maps, rc_maps};
use super::row::Row;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::Record;

const SIZES: &[u64] = &[10, 100, 1_000, 100_000, 1_000_000];
/// The sizes of a first look.
const QUICK_SIZES: &[u64] = &[10, 100, 1_000];

/// Rows on maps of one size, field and kind of entries. Each map is built once for a block.
pub struct Block {
    /// Which maps.
    pub field: &'static str,
    /// How many entries each has.
    pub size: u64,
    /// The kind of their keys.
    pub keys: &'static str,
    /// The kind of their values.
    pub values: &'static str,
    /// What is done with them.
    pub rows: Vec<Row>,
    /// Builds the maps and takes the rows.
    pub measure: fn(&Block, &Plan<'_>, &mut Progress) -> Vec<Record>,
}

impl Block {
    /// Everything that the plan includes.
    pub fn all(plan: &Plan<'_>) -> Vec<Block> {
        let sizes = if plan.quick { QUICK_SIZES } else { SIZES };
        let mut blocks = Vec::new();
        for &size in sizes {
            blocks.extend([
                Block::arc::<ArcHandle, ArcCounted>(size),
                Block::arc::<ArcHandle, u64>(size),
                Block::arc::<u64, ArcCounted>(size),
                Block::arc::<u64, u64>(size),
                Block::rc::<RcHandle, RcCounted>(size),
                Block::rc::<RcHandle, u64>(size),
                Block::rc::<u64, RcCounted>(size),
                Block::rc::<u64, u64>(size),
            ]);
        }
        for block in &mut blocks {
            let included = |row: &Row| {
                row.suits(block.size, block.keys, block.values)
                    && plan.includes(&block.title(row.name()))
            };
            block.rows = Row::ALL.into_iter().filter(included).collect();
        }
        blocks.retain(|block| !block.rows.is_empty());
        blocks
    }

    fn arc<K: Key, V: Value>(size: u64) -> Block {
        Block::of::<K, V>(field::ARC, size, arc_maps::<K, V>)
    }

    fn rc<K: Key, V: Value>(size: u64) -> Block {
        Block::of::<K, V>(field::RC, size, rc_maps::<K, V>)
    }

    fn of<K: Key, V: Value>(
        field: &'static str,
        size: u64,
        measure: fn(&Block, &Plan<'_>, &mut Progress) -> Vec<Record>,
    ) -> Block {
        Block {
            field,
            size,
            keys: K::KIND,
            values: V::KIND,
            rows: Vec::new(),
            measure,
        }
    }

    /// What progress calls something on these maps.
    pub fn title(&self, what: &str) -> String {
        let Block {
            field,
            size,
            keys,
            values,
            ..
        } = self;
        format!("{field}, {size} entries, {keys} to {values}: {what}")
    }

    /// About the time of building the maps.
    pub fn setup_estimate(&self) -> Duration {
        Duration::from_nanos(5_000 * self.size)
    }

    /// About the time of one row.
    pub fn estimate(&self, plan: &Plan<'_>, row: Row) -> Duration {
        let maps = if self.field == field::ARC { 4 } else { 2 };
        plan.pace.estimate(&vec![row.rough_cost(self.size); maps])
    }
}
