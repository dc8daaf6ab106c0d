//! Plays seeds, as fast as one thread can.

#![expect(clippy::print_stdout, reason = "what it says is its purpose")]

use usher_testkit::sim::{Ground, Play, shrink};

fn main() {
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let n: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(100);
    let mode = args.next().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ground = Ground::new().await;
        let begin = std::time::Instant::now();
        let (mut ops, mut broken, mut requests) = (0, std::collections::BTreeMap::<String, (u64, u64)>::new(), 0);
        for seed in from..from + n {
            let play = Play::of_seed(seed);
            let played = play.play(&ground).await;
            ops += play.ops.len();
            requests += played.n_requests;
            if let Some(what) = &played.broken {
                let entry = broken.entry(shrink::kind(what)).or_insert((0, seed));
                entry.0 += 1;
                if mode == "shrink" {
                    let (least, _) = shrink::shrink(&ground, &play).await;
                    let told = least.tell(&ground).await;
                    println!("{}", told.trace.join("\n"));
                    println!("{}", shrink::literal(&least));
                    println!("{}", told.broken.unwrap_or_default());
                    break;
                }
            }
        }
        let took = begin.elapsed().as_secs_f64();
        println!("{n} seeds, {ops} ops, {requests} requests, {:.0} ops/s", ops as f64 / took);
        for (kind, (n, seed)) in broken {
            println!("{n:5} (first {seed}): {kind}");
        }
    });
}
