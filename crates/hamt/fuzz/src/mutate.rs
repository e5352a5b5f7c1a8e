use crate::Step;

/// Changes an input by whole steps, as `seed` determines, and returns its new
/// length in bytes. `input` begins with `size` bytes, and has room for more.
///
/// libFuzzer's own mutations know no steps: an inserted byte shifts all later
/// ones, and a repeated one repeats the same step.
pub fn mutate(input: &mut [u8], size: usize, seed: u32) -> usize {
    let mut random = Random(seed.into());
    let Some((first, room)) = input.split_first_mut() else {
        return 0;
    };
    let (old, _) = room[..size.saturating_sub(1)].as_chunks::<{ Step::BYTES }>();
    let mut steps = old.to_vec();
    let at = random.below(steps.len() + 1);
    let run = at..steps.len().min(at + 1 + random.below(8));
    match random.below(8) {
        0 => *first = random.byte(),
        1 => drop(steps.drain(run)),
        2 => {
            let again = steps[run].to_vec();
            let to = random.below(steps.len() + 1);
            drop(steps.splice(to..to, again));
        }
        3 | 4 if at < steps.len() => steps[at][random.below(Step::BYTES)] = random.byte(),
        _ => {
            let new: Vec<_> = run.map(|_| random.step()).collect();
            drop(steps.splice(at..at, new));
            steps.insert(at, random.step());
        }
    }
    let (places, _) = room.as_chunks_mut();
    let count = steps.len().min(places.len());
    places[..count].copy_from_slice(&steps[..count]);
    1 + count * Step::BYTES
}

/// The generator SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.step()[0]
    }

    fn step(&mut self) -> [u8; Step::BYTES] {
        (self.next() as u32).to_le_bytes()
    }
}
