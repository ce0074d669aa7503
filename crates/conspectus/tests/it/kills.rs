//! `add` killed at random instants and run again ends with the index of a run that was not.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::binary::{Home, repository, shared_data};

fn add(home: &Home, paths: &[PathBuf]) -> std::process::Command {
    let arguments =
        std::iter::once("add".into()).chain(paths.iter().map(|p| p.clone().into_os_string()));
    let mut command = home.command(arguments);
    // Small commits, so that a kill falls between many of them.
    command.env("CONSPECTUS_CONFIG", home.path("config.toml"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills `add` at `kills` instants spread over the time that it takes, each in a home of its own.
fn check(paths: &[PathBuf], kills: u32) {
    let config = "[add]\ncommit_mebibytes = 1\ncommit_seconds = 1\n";
    let whole = Home::new();
    whole.write("config.toml", config);
    let started = Instant::now();
    assert!(add(&whole, paths).status().unwrap().success());
    let took = started.elapsed();
    let expected = whole.done(["export"]);
    assert!(!expected.is_empty());
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut killed = 0;
    for kill in 0..kills {
        let home = Home::new();
        home.write("config.toml", config);
        // xorshift64: instants that are spread out, and the same in each run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let share = (state >> 11) as f64 / (1_u64 << 53) as f64;
        let instant = took.mul_f64(share);
        let mut child = add(&home, paths).spawn().unwrap();
        std::thread::sleep(instant);
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            add(&home, paths).status().unwrap().success(),
            "kill {kill} at {instant:?}"
        );
        assert_eq!(
            home.done(["export"]),
            expected,
            "kill {kill} at {instant:?} of {took:?}"
        );
    }
    println!("{kills} of {kills} equal exports, {killed} killed before the end of {took:?}");
    // A check in which nothing is killed checks nothing.
    assert!(
        killed * 2 > kills,
        "{killed} of {kills} were killed in time"
    );
    assert!(took > Duration::from_millis(1));
}

#[test]
fn a_few_kills_of_the_sample() {
    check(&[repository("sample")], 4);
}

#[test]
#[ignore = "some minutes; run it in release: see CONTRIBUTING.md"]
fn fifty_kills() {
    let mut paths = vec![repository("sample")];
    paths.extend(shared_data("topic-syria"));
    check(&paths, 50);
}
