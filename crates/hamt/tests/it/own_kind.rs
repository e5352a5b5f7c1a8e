//! Pointer kinds from outside of the crate: with their own heads, plain counts, no borrowing, an
//! allocator that fails, and one that runs code.

use std::{
    alloc::{self, Layout},
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ptr::NonNull,
};

use hamt::{ErrorOf, Leaf, NodeForm, PointerKind, Trace, drop_node, raw::RawHamt, trace_node};

/// The head: larger than the crate's own, and the count is not first.
#[repr(C)]
pub struct Head {
    mark: Cell<u64>,
    count: Cell<u64>,
    form: NodeForm,
    /// How often the collector has visited the node in its present pass.
    visits: Cell<u64>,
}

const MARK: u64 = 0x1234_5678_9abc_def0;

/// Why an operation failed.
#[derive(Debug, PartialEq, Eq)]
pub struct NoMemory;

/// The difference between the two kinds.
trait Memory {
    fn before_allocation() -> Result<(), NoMemory>;
    fn track(_: NonNull<Head>) {}
    fn untrack(_: NonNull<Head>) {}
}

thread_local! {
    /// The allocated nodes, with their sizes.
    static NODES: RefCell<BTreeMap<NonNull<Head>, usize>> = const { RefCell::new(BTreeMap::new()) };
    /// The number of allocations that succeed before one is refused.
    static SUCCEED: Cell<usize> = const { Cell::new(usize::MAX) };
}

fn nodes() -> usize {
    NODES.with_borrow(BTreeMap::len)
}

macro_rules! kind {
    ($kind:ident, $runs_code:expr) => {
        impl ErrorOf<$kind> for NoMemory {
            fn refused(refused: NoMemory) -> NoMemory {
                refused
            }
        }

        // SAFETY: memory is from the allocator until it is freed; counts are plain, and the kind
        // is not `Sync`, since a raw pointer is not. Foreign code gets a reference to a node only
        // with `RUNS_CODE`.
        unsafe impl PointerKind for $kind {
            type Head = Head;
            type Word = Cell<u32>;
            type Refused = NoMemory;
            const BORROWS: bool = false;
            const RUNS_CODE: bool = $runs_code;

            unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Head>, NoMemory> {
                $kind::before_allocation()?;
                // SAFETY: not empty, since it has room for a head.
                let memory = unsafe { alloc::alloc_zeroed(layout) };
                let node = NonNull::new(memory.cast::<Head>()).expect("there is memory");
                let head = Head {
                    mark: Cell::new(MARK),
                    count: Cell::new(1),
                    form,
                    visits: Cell::new(0),
                };
                // SAFETY: freshly allocated, with room for it.
                unsafe { node.write(head) };
                NODES.with_borrow_mut(|nodes| nodes.insert(node, layout.size()));
                Ok(node)
            }

            unsafe fn free(node: NonNull<Head>, layout: Layout) {
                let size = NODES.with_borrow_mut(|nodes| nodes.remove(&node));
                assert_eq!(size, Some(layout.size()), "freed as it was allocated");
                // SAFETY: from `allocate` with this layout, and not used any more.
                unsafe { alloc::dealloc(node.cast().as_ptr(), layout) };
            }

            unsafe fn track(node: NonNull<Head>) {
                <$kind as Memory>::track(node);
            }

            unsafe fn untrack(node: NonNull<Head>) {
                <$kind as Memory>::untrack(node);
            }

            fn up(head: &Head) {
                assert_eq!(head.mark.get(), MARK, "no head");
                head.count.set(head.count.get() + 1);
            }

            fn down(head: &Head) -> bool {
                assert_eq!(head.mark.get(), MARK, "no head");
                head.count.set(head.count.get() - 1);
                head.count.get() == 0
            }

            fn is_one(head: &Head) -> bool {
                head.count.get() == 1
            }
        }
    };
}

/// The kind that refuses the allocation with a given number.
struct Refusing(#[expect(dead_code, reason = "neither `Send` nor `Sync`")] *const ());

impl Memory for Refusing {
    fn before_allocation() -> Result<(), NoMemory> {
        let left = SUCCEED.get().checked_sub(1).ok_or(NoMemory)?;
        SUCCEED.set(left);
        Ok(())
    }
}

kind!(Refusing, false);

/// The kind with a collector that runs inside of each allocation, and runs code.
struct Collecting(#[expect(dead_code, reason = "neither `Send` nor `Sync`")] *const ());

/// Keys and values leave no padding in a leaf: nodes are compared byte by byte.
type Map<P> = RawHamt<u32, u32, P>;

/// A node that the collector holds, and its bytes after the head.
type Held = (NonNull<Head>, Vec<u8>);

thread_local! {
    static TRACKED: RefCell<Vec<NonNull<Head>>> = const { RefCell::new(Vec::new()) };
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
    /// Whether the collector runs.
    static COLLECTS: Cell<bool> = const { Cell::new(false) };
    /// A version that the code in an allocation changes.
    static OTHER: RefCell<Option<Map<Collecting>>> = const { RefCell::new(None) };
}

/// Returns the bytes of a node after its head.
fn contents(node: NonNull<Head>) -> Vec<u8> {
    let size = NODES.with_borrow(|nodes| nodes[&node]);
    // SAFETY: a node that is allocated, of this size, all of which was zeroed.
    let bytes = unsafe { std::slice::from_raw_parts(node.cast::<u8>().as_ptr(), size) };
    bytes[size_of::<Head>()..].to_vec()
}

impl Memory for Collecting {
    fn before_allocation() -> Result<(), NoMemory> {
        if !COLLECTS.replace(false) {
            return Ok(());
        }
        let tracked = TRACKED.with_borrow(Clone::clone);
        for node in tracked {
            // SAFETY: tracked, so alive.
            Self::up(unsafe { node.as_ref() });
            HELD.with_borrow_mut(|held| held.push((node, contents(node))));
        }
        // User code, which has a version of the map.
        if let Some(other) = OTHER.take() {
            let changed = other.assoc(leaf(77, 7), |key| Ok::<_, NoMemory>(*key == 77));
            OTHER.set(Some(changed?.0));
        }
        COLLECTS.set(true);
        Ok(())
    }

    fn track(node: NonNull<Head>) {
        TRACKED.with_borrow_mut(|tracked| tracked.push(node));
    }

    fn untrack(node: NonNull<Head>) {
        TRACKED.with_borrow_mut(|tracked| tracked.retain(|tracked| *tracked != node));
    }
}

kind!(Collecting, true);

/// Functions from names to hashes. The trees have buckets, branches over them, and collisions.
const HASHES: [fn(u32) -> u32; 4] = [
    |name| name.wrapping_mul(0x9e37_79b1),
    |name| name << 10,
    |name| name % 3 + ((name % 40) << 5),
    |_| 5,
];

const SIZES: &[u32] = if cfg!(miri) {
    &[2, 17]
} else {
    &[0, 1, 2, 3, 7, 8, 9, 16, 17, 32, 33, 34, 100]
};

thread_local! {
    static HASH: Cell<fn(u32) -> u32> = const { Cell::new(HASHES[0]) };
}

fn leaf<P: PointerKind<Refused = NoMemory>>(name: u32, value: u32) -> Leaf<u32, u32, P> {
    Leaf::try_new_in(HASH.get()(name), name, value).expect("there is memory")
}

fn is(name: u32) -> impl Fn(&u32) -> Result<bool, NoMemory> {
    move |key| Ok(*key == name)
}

fn map<P: PointerKind<Refused = NoMemory>>(size: u32) -> Map<P>
where
    NoMemory: ErrorOf<P>,
{
    let mut map = Map::new_in();
    for name in 0..size {
        let displaced = map.insert(leaf(name, name), is(name));
        assert!(displaced.expect("there is memory").is_none());
    }
    map
}

/// Returns the sorted entries of a map.
fn bindings<P: PointerKind>(map: &Map<P>) -> Vec<(u32, u32)> {
    let mut all: Vec<_> = map
        .iter()
        .map(|leaf| (*leaf.key(), *leaf.value()))
        .collect();
    all.sort_unstable();
    all
}

/// A change of one name, in the map itself.
type Change<P> = fn(&mut Map<P>, u32) -> Result<(), NoMemory>;

fn changes<P: PointerKind<Refused = NoMemory>>() -> [(&'static str, Change<P>); 6]
where
    NoMemory: ErrorOf<P>,
{
    [
        ("insert", |map, name| {
            let leaf = Leaf::try_new_in(HASH.get()(name), name, 1000)?;
            map.insert(leaf, is(name)).map(drop)
        }),
        ("set", |map, name| {
            let eq = |a: &u32, b: &u32| Ok(a == b);
            map.set(HASH.get()(name), name, 1000, eq).map(drop)
        }),
        ("remove", |map, name| {
            map.remove(HASH.get()(name), is(name)).map(drop)
        }),
        ("assoc", |map, name| {
            let leaf = Leaf::try_new_in(HASH.get()(name), name, 1000)?;
            let changed = map.assoc(leaf, is(name))?.0;
            *map = changed;
            Ok(())
        }),
        ("without", |map, name| {
            if let Some((changed, _)) = map.without(HASH.get()(name), is(name))? {
                *map = changed;
            }
            Ok(())
        }),
        ("remove two", |map, name| {
            let mut changed = map.clone();
            changed.remove(HASH.get()(name), is(name))?;
            changed.remove(HASH.get()(name + 1), is(name + 1))?;
            *map = changed;
            Ok(())
        }),
    ]
}

/// Returns the entries after a change.
fn expected(change: &str, before: &[(u32, u32)], name: u32) -> Vec<(u32, u32)> {
    let mut model: BTreeMap<u32, u32> = before.iter().copied().collect();
    match change {
        "insert" | "set" | "assoc" => drop(model.insert(name, 1000)),
        "remove two" => {
            model.remove(&name);
            model.remove(&(name + 1));
        }
        _ => drop(model.remove(&name)),
    }
    model.into_iter().collect()
}

/// Calls `check` with each change of a bound and of a new name, in maps of each size and
/// hash, which another version shares or not.
fn in_all_cases<P: PointerKind<Refused = NoMemory>>(
    hashes: &[fn(u32) -> u32],
    check: impl Fn(&str, (&str, Change<P>), u32, &mut dyn FnMut() -> (Map<P>, Option<Map<P>>)),
) where
    NoMemory: ErrorOf<P>,
{
    // Buckets, and collisions below branches.
    let step = if cfg!(miri) { 2 } else { 1 };
    for (index, &hash) in hashes.iter().enumerate().step_by(step) {
        HASH.set(hash);
        for &size in SIZES {
            for change in changes() {
                for name in [size / 2, size + 1] {
                    for is_shared in [false, true] {
                        let case =
                            format!("{} {name} of {size}, hash {index}, {is_shared}", change.0);
                        let mut make = || {
                            let map = map(size);
                            let version = is_shared.then(|| map.clone());
                            (map, version)
                        };
                        check(&case, change, name, &mut make);
                    }
                }
            }
        }
    }
}

#[test]
fn a_map_is_unchanged_if_memory_is_refused_at_any_allocation() {
    in_all_cases::<Refusing>(&HASHES, |case, (change, apply), name, make| {
        let mut refused = 0;
        loop {
            let (mut map, version) = make();
            let (before, picture) = (bindings(&map), map.dump().to_string());
            SUCCEED.set(refused);
            let result = apply(&mut map, name);
            SUCCEED.set(usize::MAX);
            assert_eq!(map.audit(), Ok(()), "{case}, {refused}");
            if let Some(version) = &version {
                assert_eq!(version.dump().to_string(), picture, "{case}, {refused}");
            }
            if result == Err(NoMemory) {
                assert_eq!(map.dump().to_string(), picture, "{case}, {refused}");
                refused += 1;
                continue;
            }
            assert_eq!(bindings(&map), expected(change, &before, name), "{case}");
            break;
        }
        if change == "assoc" {
            assert_ne!(refused, 0, "{case}");
        }
        assert_eq!(nodes(), 0, "{case}");
    });
}

#[test]
fn nodes_that_code_inside_of_an_allocation_holds_are_not_changed_in_place() {
    // Without collisions, in which not all bytes are initialized: they are compared.
    in_all_cases::<Collecting>(&HASHES[..3], |case, (change, apply), name, make| {
        let (mut map, version) = make();
        let before = bindings(&map);
        OTHER.set(Some(map.clone()));
        if version.is_none() {
            OTHER.set(None);
        }
        COLLECTS.set(true);
        let result = apply(&mut map, name);
        COLLECTS.set(false);
        assert_eq!(result, Ok(()), "{case}");
        assert_eq!(map.audit(), Ok(()), "{case}");
        assert_eq!(bindings(&map), expected(change, &before, name), "{case}");
        if let Some(version) = version {
            assert_eq!(bindings(&version), before, "{case}");
        }
        drop(OTHER.take());
        for (node, was) in HELD.take() {
            assert_eq!(contents(node), was, "{case}: changed while it is held");
            // SAFETY: held, so alive.
            let head = unsafe { node.as_ref() };
            if Collecting::down(head) {
                // SAFETY: the collector's was the last reference, and the maps are of these types.
                unsafe { drop_node::<u32, u32, Collecting>(node, head.form) };
            }
        }
        drop(map);
        assert_eq!((nodes(), TRACKED.take().len()), (0, 0), "{case}");
    });
}

/// A pass with a rule for which nodes it visits the contents.
struct Pass<'a> {
    go_on: fn(&Head) -> bool,
    entries: &'a mut Vec<(u32, u32)>,
}

impl Trace<u32, u32, Refusing> for Pass<'_> {
    fn node(&mut self, head: &Head) -> bool {
        head.visits.set(head.visits.get() + 1);
        (self.go_on)(head)
    }

    fn entry(&mut self, key: &u32, value: &u32) {
        self.entries.push((*key, *value));
    }
}

/// Returns all allocated nodes.
fn all_nodes() -> Vec<NonNull<Head>> {
    NODES.with_borrow(|nodes| nodes.keys().copied().collect())
}

/// Checks that each node was visited as often as it is counted.
fn check_visits(case: &str) {
    for node in all_nodes() {
        // SAFETY: allocated.
        let head = unsafe { node.as_ref() };
        assert_eq!(
            head.visits.take(),
            head.count.get(),
            "{case}: {:?}",
            head.form
        );
    }
}

#[test]
fn a_collector_visits_each_counted_reference_once() {
    in_all_cases::<Refusing>(&HASHES, |case, (_, apply), name, make| {
        let (mut map, version) = make();
        assert_eq!(apply(&mut map, name), Ok(()), "{case}");
        let held: Vec<_> = map.iter().take(3).cloned().collect();

        // Nodes that are not objects of the collector: it visits their contents once.
        let mut entries = Vec::new();
        let mut pass = Pass {
            go_on: |head| head.visits.get() == 1,
            entries: &mut entries,
        };
        map.trace(&mut pass);
        if let Some(version) = &version {
            version.trace(&mut pass);
        }
        held.iter().for_each(|leaf| leaf.trace(&mut pass));
        check_visits(case);
        let mut all = bindings(&map);
        all.extend(version.iter().flat_map(bindings));
        entries.sort_unstable();
        all.sort_unstable();
        all.dedup_by(|a, b| a == b && entries.iter().filter(|entry| *entry == a).count() == 1);
        assert_eq!(entries, all, "{case}");

        // Nodes that are objects: each reports its contents itself.
        let mut entries = Vec::new();
        let mut pass = Pass {
            go_on: |_| false,
            entries: &mut entries,
        };
        map.trace(&mut pass);
        if let Some(version) = &version {
            version.trace(&mut pass);
        }
        held.iter().for_each(|leaf| leaf.trace(&mut pass));
        for node in all_nodes() {
            // SAFETY: a node of a map of these types, complete, and of this form.
            unsafe { trace_node::<u32, u32, Refusing>(node, node.as_ref().form, &mut pass) };
        }
        check_visits(case);
        entries.sort_unstable();
        assert_eq!(entries, all, "{case}");
    });
}

#[test]
fn a_node_whose_last_reference_other_code_releases_can_be_dropped() {
    in_all_cases::<Refusing>(&HASHES, |case, _, _, make| {
        let (map, version) = make();
        let all = all_nodes();
        for node in &all {
            // SAFETY: allocated.
            Refusing::up(unsafe { node.as_ref() });
        }
        drop((map, version));
        assert_eq!(nodes(), all.len(), "{case}");
        for node in all {
            // SAFETY: this reference is counted, and the maps are of these types.
            unsafe {
                if Refusing::down(node.as_ref()) {
                    drop_node::<u32, u32, Refusing>(node, node.as_ref().form);
                }
            }
        }
        assert_eq!(nodes(), 0, "{case}");
    });
}

#[test]
fn a_leaf_is_replaced_without_an_allocation_unless_another_version_sees_it() {
    for (hash, &size) in HASHES
        .iter()
        .flat_map(|hash| SIZES.iter().map(move |size| (hash, size)))
    {
        HASH.set(*hash);
        let mut alone: Map<Refusing> = map(size);
        for name in 0..size + 1 {
            let (new, before) = (leaf(name, name + 1000), bindings(&alone));
            SUCCEED.set(0);
            let other = (name % 3 == 0).then(|| alone.clone());
            // SAFETY: numbers are compared.
            let replaced = unsafe { alone.replace(new, |bound| *bound.key() == name) };
            SUCCEED.set(usize::MAX);
            // A map of one leaf shares no node that changes.
            let is_done = name < size && (other.is_none() || size == 1);
            let value = replaced.as_ref().map_or(None, |old| Some(*old.value()));
            assert_eq!(value, is_done.then_some(name), "{name} of {size}");
            let left = replaced.err().map(|leaf| (*leaf.key(), *leaf.value()));
            assert_eq!(left, (!is_done).then_some((name, name + 1000)));
            let after = if is_done {
                expected_value(&before, name)
            } else {
                before.clone()
            };
            assert_eq!(bindings(&alone), after);
            assert!(other.is_none_or(|other| bindings(&other) == before));
        }
    }
}

/// Returns the entries with another value of one name.
fn expected_value(before: &[(u32, u32)], name: u32) -> Vec<(u32, u32)> {
    let value = |(key, value)| (key, if key == name { name + 1000 } else { value });
    before.iter().copied().map(value).collect()
}

/// Replaces a value in place, and copies the nodes on its path that another version shares before.
/// Returns `false` if that is not possible. Only the copies allocate.
fn replace_unshared(map: &mut Map<Refusing>, mut new: Leaf<u32, u32, Refusing>) -> bool {
    let (name, hash) = (*new.key(), new.hash());
    loop {
        SUCCEED.set(0);
        // SAFETY: numbers are compared.
        let replaced = unsafe { map.replace(new, |bound| *bound.key() == name) };
        new = match replaced {
            Ok(_) => return true,
            Err(new) => new,
        };
        let Some(mut shared) = map.first_shared(hash) else {
            return false;
        };
        assert!(shared.copy().is_err());
        assert!(!map.swap_shared(hash, &mut shared), "there is no copy");
        SUCCEED.set(usize::MAX);
        assert!(shared.copy().is_ok());
        SUCCEED.set(0);
        assert!(map.swap_shared(hash, &mut shared));
        assert!(!map.swap_shared(hash, &mut shared), "once");
    }
}

#[test]
fn a_leaf_is_replaced_after_the_shared_nodes_on_its_path_are_copied() {
    for (hash, &size) in HASHES
        .iter()
        .flat_map(|hash| SIZES.iter().map(move |size| (hash, size)))
    {
        HASH.set(*hash);
        let mut map = map::<Refusing>(size);
        for name in 0..size + 1 {
            let case = format!("{name} of {size}");
            let before = bindings(&map);
            let after = expected_value(&before, name);
            let other = map.clone();
            let new = leaf(name, name + 1000);
            let done = replace_unshared(&mut map, new);
            SUCCEED.set(usize::MAX);
            // Collisions are not copied.
            let collides = (0..size).filter(|other| hash(*other) == hash(name)).count() > 1;
            assert!(name == size || collides || done, "{case}");
            assert_eq!(bindings(&map), if done { after } else { before.clone() });
            assert_eq!(bindings(&other), before, "{case}");
        }
        drop(map);
        assert_eq!(nodes(), 0);
    }
}
