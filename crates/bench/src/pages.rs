//! Every page of a console that somebody else serves: found by following links, then timed, one request after another.
//!
//! A page is known by its shape: its path with ids left out, and the names in its query. Of each shape a few addresses
//! take turns, so that no page is timed for one lucky person. Besides what links lead to, the searches are sent that find
//! much, little and nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use hyper::StatusCode;
use serde_json::{Value, json};
use usher_engine::clock::Clock as _;

use crate::browser::Browser;
use crate::world::MachineClock;

/// How often each shape is asked for…
const TIMES: usize = 200;
/// …unless that takes longer: what is so slow is known to be.
const AT_LONGEST: Duration = Duration::from_secs(10);
/// How many addresses of a shape are kept.
const ADDRESSES: usize = 12;
/// More shapes than the console has.
const SHAPES: usize = 400;
/// The fastest that the console can be: nothing is read for it.
const FLOOR: &str = "/sign-in";

/// Searches of a directory's users.
const OF_USERS: &[&str] =
    &["q=an", "q=zzzz", "q=anna.solberg", "state=suspended", "state=archived", "state=deleted"];
/// Searches of a directory's groups.
const OF_GROUPS: &[&str] = &["q=a", "q=zzzz"];
/// Searches of an app's log.
const OF_LOG: &[&str] =
    &["kind=failure", "kind=hard_delete", "kind=create", "from=2026-01-01", "person=nobody%40example.com"];

/// Signs in with the link that the server prints, finds the pages, and times them.
pub(crate) async fn measure(link: &Path) -> anyhow::Result<Value> {
    let link = std::fs::read_to_string(link).context("failed to read the link to set the console up")?;
    let mut browser = Browser::open(link.trim()).await?;
    browser.set_up().await?;
    let shapes = explore(&mut browser).await?;
    let floor = times(&mut browser, &[FLOOR.to_owned()]).await?;
    let mut pages = Vec::new();
    for (shape, addresses) in shapes {
        let times = times(&mut browser, &addresses).await?;
        pages.push(json!({ "page": shape, "median_ms": at(&times, 50), "p99_ms": at(&times, 99), "max_ms": at(&times, 100) }));
    }
    Ok(
        json!({ "floor_median_ms": at(&floor, 50), "floor_p99_ms": at(&floor, 99), "requests": TIMES, "pages": pages }),
    )
}

/// Follows every link from the first page on.
async fn explore(browser: &mut Browser) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut shapes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut next = VecDeque::from(["/".to_owned()]);
    while let Some(address) = next.pop_front() {
        let known = shapes.entry(shape(&address)).or_default();
        if known.len() >= ADDRESSES {
            continue;
        }
        let page = browser.get(&address).await?;
        if page.status.is_redirection() {
            shapes.retain(|_, addresses| !addresses.is_empty());
            continue;
        }
        ensure!(page.status == StatusCode::OK, "{address} answers {}", page.status);
        if !page.is_html {
            shapes.retain(|_, addresses| !addresses.is_empty());
            continue;
        }
        known.push(address.clone());
        if shapes.len() > SHAPES {
            bail!("the console has no end: more than {SHAPES} kinds of pages");
        }
        for link in links(&page.text).into_iter().chain(searches(&address)) {
            if seen.insert(link.clone()) {
                next.push_back(link);
            }
        }
    }
    Ok(shapes)
}

/// Where a page leads within the console.
fn links(html: &str) -> Vec<String> {
    let after = html.split("href=\"").skip(1);
    let addresses =
        after.filter_map(|rest| rest.split_once('"')).map(|(address, _)| address.replace("&#38;", "&"));
    let addresses = addresses.map(|address| address.replace("&amp;", "&"));
    let ours = addresses.filter(|address| address.starts_with('/') && !address.starts_with("/assets/"));
    ours.map(|address| address.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// What is searched for at the page that lists everything.
fn searches(address: &str) -> Vec<String> {
    let of = match address.rsplit('/').next() {
        Some("users") => OF_USERS,
        Some("groups") if address.starts_with("/directories/") => OF_GROUPS,
        Some("log") => OF_LOG,
        _ => &[],
    };
    of.iter().map(|search| format!("{address}?{search}")).collect()
}

/// The address without ids and values.
fn shape(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_id = |part: &str| part.contains(|c: char| c.is_ascii_digit() || c == '%' || c == '@');
    let path: Vec<_> = path.split('/').map(|part| if is_id(part) { "…" } else { part }).collect();
    // What is searched for is a page of its own: one finds much, another nothing.
    let names: Vec<_> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.ends_with('=')).map(name).collect();
    let path = path.join("/");
    if names.is_empty() { path } else { format!("{path}?{}", names.join("&")) }
}

fn name(pair: &str) -> &str {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    if value.len() <= 12 && !value.contains('%') && matches!(name, "q" | "state" | "kind") {
        pair
    } else {
        name
    }
}

/// The milliseconds of each request, sorted.
async fn times(browser: &mut Browser, addresses: &[String]) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(TIMES);
    let all_begun_at = MachineClock.now();
    for address in addresses.iter().cycle().take(TIMES) {
        let begun_at = MachineClock.now();
        if begun_at.since(all_begun_at) > AT_LONGEST {
            break;
        }
        let page = browser.get(address).await?;
        times.push(MachineClock.now().since(begun_at).as_secs_f64() * 1e3);
        ensure!(
            page.status.is_success() || page.status.is_redirection(),
            "{address} answers {}",
            page.status
        );
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The time that so many of a hundred do not exceed.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}
