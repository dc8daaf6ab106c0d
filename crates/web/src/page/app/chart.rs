//! Thirty days of events as an SVG: one bar a day, what failed on top of what was done. Made here, so that it prints, needs no
//! script, and says in words what it shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use usher_model::time::Timestamp;
use usher_store::event::EventKind;

use crate::frame::grouped;

const DAYS: u64 = 30;
const DAY: Duration = Duration::from_hours(24);
const WIDTH: u64 = 600;
const HEIGHT: u64 = 160;
/// What is below the bars, for the dates, and left of them, for the scale.
const BELOW: u64 = 22;
const LEFT: u64 = 44;

/// A chart of what happened on each day after `since`.
pub(crate) fn chart(by_day: &BTreeMap<(u64, EventKind), u64>, since: Timestamp) -> String {
    let days: Vec<(u64, u64)> = (0..DAYS).map(|day| of_day(by_day, day)).collect();
    let most = days.iter().map(|(done, failed)| done + failed).max().unwrap_or(0);
    let scale = rounded_up(most);
    let (room, step) = (HEIGHT - BELOW - 8, (WIDTH - LEFT) / DAYS);
    let height = |n: u64| if scale == 0 { 0 } else { (n * room).div_ceil(scale) };
    let ground = HEIGHT - BELOW;
    let total: u64 = days.iter().map(|(done, failed)| done + failed).sum();
    let failed: u64 = days.iter().map(|(_, failed)| failed).sum();
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{} events in 30 days, {} of \
         them failures; {} on the busiest day\">",
        grouped(total),
        grouped(failed),
        grouped(most),
    );
    for n in [scale, scale / 2] {
        if n > 0 {
            let y = ground - height(n);
            write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>\
                 <text class=\"axis\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                LEFT - 6,
                y + 4,
                grouped(n)
            )
            .expect("invariant: writing into a string cannot fail");
        }
    }
    for (day, (done, failed)) in (0..).zip(&days) {
        let x = LEFT + day * step;
        let (done_high, failed_high) = (height(*done), height(*failed));
        let date = (since + DAY * u32::try_from(day).unwrap_or(0)).date();
        write!(svg, "<g><title>{date}: {} done, {} failed</title>", grouped(*done), grouped(*failed))
            .expect("invariant: writing into a string cannot fail");
        for (class, y, high) in [
            ("bar", ground - done_high, done_high),
            ("bar failed", ground.saturating_sub(done_high + failed_high), failed_high),
        ] {
            if high > 0 {
                let width = step - 4;
                write!(svg, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{high}\" rx=\"2\"/>")
                    .expect("invariant: writing into a string cannot fail");
            }
        }
        svg.push_str("</g>");
        if day % 7 == 1 {
            let shown = date.get(5..).unwrap_or(&date);
            write!(svg, "<text class=\"axis\" x=\"{x}\" y=\"{}\">{shown}</text>", HEIGHT - 6)
                .expect("invariant: writing into a string cannot fail");
        }
    }
    write!(
        svg,
        "<line class=\"ground\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{ground}\" y2=\"{ground}\"/></svg>"
    )
    .expect("invariant: writing into a string cannot fail");
    svg
}

/// How many were done and how many failed. What happens on the day that is not over yet is the last day's.
fn of_day(by_day: &BTreeMap<(u64, EventKind), u64>, day: u64) -> (u64, u64) {
    let (mut done, mut failed) = (0, 0);
    let is_its = |of: u64| of == day || (day + 1 == DAYS && of > day);
    for ((_, kind), n) in by_day.iter().filter(|((of, _), _)| is_its(*of)) {
        if *kind == EventKind::Failure { failed += n } else { done += n }
    }
    (done, failed)
}

/// The next number of one digit and zeros.
fn rounded_up(n: u64) -> u64 {
    let mut unit = 1;
    while n > unit * 10 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_day_and_the_scale_is_round() {
        let days = BTreeMap::from([
            ((0, EventKind::Create), 35),
            ((29, EventKind::Failure), 7),
            ((30, EventKind::Update), 1),
        ]);
        let svg = chart(&days, Timestamp::from_micros(0));
        assert!(svg.contains("43 events in 30 days, 7 of them failures; 35 on the busiest day"), "{svg}");
        assert!(
            svg.contains("1970-01-01: 35 done, 0 failed") && svg.contains("1970-01-30: 1 done, 7 failed")
        );
        assert_eq!(svg.matches("<rect").count(), 3);
        assert_eq!(
            [0, 1, 9, 10, 11, 35, 101, 1_000_000].map(rounded_up),
            [0, 1, 9, 10, 20, 40, 200, 1_000_000]
        );
    }

    #[test]
    fn days_without_anything_have_no_bar() {
        let svg = chart(&BTreeMap::new(), Timestamp::from_micros(0));
        assert!(!svg.contains("<rect") && svg.contains("0 events in 30 days"));
    }
}
