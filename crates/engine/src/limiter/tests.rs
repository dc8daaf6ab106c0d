use super::*;

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_micros(0) + Duration::from_secs_f64(seconds)
}

fn pace(per_second: Option<f64>) -> Pace {
    Pace { per_second, next_at: at(0.0), changed_at: at(0.0), n_refused: 0 }
}

/// How many requests start within one second.
fn in_a_second(pace: &mut Pace, from: f64) -> usize {
    std::iter::repeat_with(|| pace.take_slot(at(from)))
        .take(1_000)
        .take_while(|slot| *slot < at(from + 1.0))
        .count()
}

#[test]
fn requests_never_come_faster_than_the_app_publishes() {
    assert_eq!(in_a_second(&mut pace(Some(25.0)), 0.0), 25);
    assert_eq!(in_a_second(&mut pace(None), 0.0), 1_000);
}

#[test]
fn a_refusal_waits_as_long_as_the_app_asks_and_halves_the_pace() {
    let mut pace = pace(Some(40.0));
    pace.slow_down(at(0.0), Some(Duration::from_secs(30)));
    assert_eq!(pace.take_slot(at(0.0)), at(30.0));
    assert_eq!(in_a_second(&mut pace, 31.0), 20);
}

#[test]
fn refusals_of_requests_that_were_in_flight_together_are_one() {
    let mut pace = pace(Some(40.0));
    for _ in 0..10 {
        pace.slow_down(at(0.1), None);
    }
    assert!(pace.per_second.is_some_and(|per_second| (per_second - 20.0).abs() < 0.01));
}

#[test]
fn a_pace_grows_slowly_back_to_what_is_published_and_never_above() {
    let mut pace = pace(Some(40.0));
    pace.slow_down(at(0.0), None);
    for second in 1..60_u32 {
        pace.speed_up(at(f64::from(second)), Some(40.0));
        assert!(pace.per_second.is_some_and(|per_second| per_second <= 40.0));
    }
    assert_eq!(in_a_second(&mut pace, 100.0), 40);
}
