use hamt::fold_hash;

#[test]
fn small_hashes_are_unchanged() {
    assert_eq!(fold_hash(0), 0);
    assert_eq!(fold_hash(1), 1);
    assert_eq!(fold_hash(0x7fff_ffff), 0x7fff_ffff);
}

#[test]
fn the_halves_are_xored() {
    assert_eq!(fold_hash(0x0000_0001_0000_0000), 0x0000_0001);
    assert_eq!(fold_hash(0x1234_5678_0000_ffff), 0x1234_a987);
    assert_eq!(fold_hash(0xdead_beef_dead_beef), 0);
    assert_eq!(fold_hash(u64::MAX), 0);
    // Python's hash(-2) is -2: ffff_ffff_ffff_fffe.
    assert_eq!(fold_hash(-2_i64 as u64), 1);
}

#[test]
fn minus_one_becomes_minus_two() {
    assert_eq!(fold_hash(0x0000_0000_ffff_ffff), 0xffff_fffe);
    assert_eq!(fold_hash(0xffff_ffff_0000_0000), 0xffff_fffe);
    assert_eq!(fold_hash(0xf0f0_f0f0_0f0f_0f0f), 0xffff_fffe);
    assert_eq!(fold_hash(0x0000_0000_ffff_fffe), 0xffff_fffe);
}
