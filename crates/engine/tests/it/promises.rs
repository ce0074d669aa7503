//! Every engine keeps what the suite asks.

use engine::Engine;
use engine::conformance::{NOW, describe, example_changes, suite, write};
use engine::naive::Naive;

fn naive() -> Box<dyn Engine> {
    Box::new(Naive::new(|| NOW))
}

#[test]
fn naive_keeps_every_promise() {
    suite(&naive);
}

#[test]
fn naive_does_not_see_the_order() {
    let (forth, back) = (naive(), naive());
    write(&*forth, example_changes()).unwrap();
    for change in example_changes().into_iter().rev() {
        write(&*back, [change]).unwrap();
    }
    assert_eq!(
        describe(&*forth.view().unwrap()).unwrap(),
        describe(&*back.view().unwrap()).unwrap()
    );
}
