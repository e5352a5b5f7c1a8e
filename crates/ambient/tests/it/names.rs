//! Glob imports of this crate beside those of other crates compile.

mod glob {
    use ambient::*;

    static VAR: Var<u64> = Var::new("var");

    #[test]
    fn a_glob_import_hides_no_other_crate() {
        // These names are the other crates, not modules of this one.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(async { VAR.get() }), None);
        assert!(rayon::iter::once(1).opt_len_is_one());
        tracing::trace!("compiles");
        let _: Option<(
            hyper::Method,
            tower::ServiceBuilder<tower::layer::util::Identity>,
        )> = None;
    }

    trait OptLen: rayon::iter::ParallelIterator {
        fn opt_len_is_one(&self) -> bool {
            self.opt_len() == Some(1)
        }
    }

    impl<I: rayon::iter::ParallelIterator> OptLen for I {}
}

mod prelude {
    use ambient::prelude::*;
    use anyhow::Context;
    use futures::prelude::*;
    use rayon::prelude::*;
    use tokio::task::JoinSet;
    use tokio_util::task::TaskTracker;

    static VAR: Var<u64> = Var::new("var");
    static DEFAULT: DefaultVar<u64> = DefaultVar::new("default", 3).inherit(Inherit::Never);

    #[test]
    fn the_prelude_works_with_other_preludes() {
        let read: anyhow::Result<u64> = VAR.get().context("not set");
        assert!(read.is_err());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let task = async {
            let mut tasks = JoinSet::new();
            tasks.spawn_inherit(async { VAR.get() });
            tasks.spawn_blocking_inherit(|| VAR.get());
            assert_eq!(tasks.join_all().await, [Some(7), Some(7)]);
            let tracker = TaskTracker::new();
            let tracked = tracker.spawn_inherit(async { VAR.get() });
            let blocking = tracker.spawn_blocking_inherit(|| VAR.get());
            assert_eq!(
                (tracked.await.unwrap(), blocking.await.unwrap()),
                (Some(7), Some(7))
            );
            let local = tokio::task::LocalSet::new();
            let local = local.run_until(async {
                let mut tasks = JoinSet::new();
                tasks.spawn_local_inherit(async { VAR.get() });
                let tracked = tracker.spawn_local_inherit(async { VAR.get() });
                (tasks.join_all().await, tracked.await.unwrap())
            });
            assert_eq!(local.await, (vec![Some(7)], Some(7)));
            // `inherit` of this crate; `boxed`, `map` and `next` of `futures`.
            let boxed = async { VAR.get() }.boxed().inherit().map(|value| value);
            assert_eq!(boxed.await, Some(7));
            let mut stream = stream::iter([1]).inherit();
            assert_eq!((stream.next().await, DEFAULT.get()), (Some(1), 3));
        };
        let context = ambient::Context::new().with_value(&VAR, 7);
        runtime.block_on(task.in_context(context));
        if !cfg!(miri) {
            let sum: u64 = (0..3_u64).into_par_iter().inherit_each().sum();
            assert_eq!(sum, 3);
        }
    }
}
