//! Every sample of every page, rendered and read as a browser would.

mod all;
mod kinds;

use scraper::{Html, Selector};

use all::{pages, parts};

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

#[test]
fn every_sample_is_a_page_with_one_heading_of_its_own() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        assert!(page.errors.is_empty(), "{sample}: {:?}", page.errors);
        for one in ["h1", "main", "head > title", "html[lang]"] {
            assert_eq!(page.select(&select(one)).count(), 1, "{sample}: {one}");
        }
    }
}

#[test]
fn ids_are_unique_what_is_named_by_one_is_there_and_every_field_has_a_label() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        let mut ids: Vec<&str> =
            page.select(&select("[id]")).filter_map(|element| element.attr("id")).collect();
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_ids, "{sample}");
        for attribute in
            ["for", "list", "aria-labelledby", "aria-describedby", "hx-target", "hx-select", "hx-include"]
        {
            for element in page.select(&select(&format!("[{attribute}]"))) {
                let named = element.attr(attribute).unwrap_or_default();
                assert!(ids.contains(&named.trim_start_matches('#')), "{sample}: {attribute}={named}");
            }
        }
        let labelled: Vec<&str> =
            page.select(&select("label")).filter_map(|label| label.attr("for")).collect();
        for field in page.select(&select("input:not([type=hidden]), select, textarea")) {
            let id = field.attr("id").unwrap_or_default();
            assert!(labelled.contains(&id), "{sample}: nothing says what {:?} is", field.html());
        }
    }
}

#[test]
fn parts_of_pages_are_well_formed_and_have_no_heading_of_a_page() {
    for sample in parts() {
        let part = Html::parse_fragment(&sample.text);
        assert_eq!(part.select(&select("h1, main, script, style")).count(), 0, "{sample}");
        let roots = part.root_element().children().filter(|child| child.value().is_element()).count();
        assert!(roots == 1 || sample.page == "app/people", "{sample}: {}", sample.text);
    }
}

#[test]
fn every_table_says_what_it_is_and_every_column_has_a_heading() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        for table in page.select(&select("table")) {
            let region = table.parent().and_then(scraper::ElementRef::wrap);
            let is_named = region.is_some_and(|region| region.attr("aria-label").is_some());
            assert!(
                table.select(&select("caption")).next().is_some() || is_named,
                "{sample}: {}",
                table.html()
            );
            // Of this table, and not of one in a cell of it.
            let part = |of: scraper::ElementRef<'_>, name: &str| {
                let mut parts = of.children().filter_map(scraper::ElementRef::wrap);
                let found = parts.find(|part| part.value().name() == name)?;
                let row = found.children().find_map(scraper::ElementRef::wrap)?;
                Some(row.children().filter(|cell| cell.value().is_element()).count())
            };
            let (Some(columns), Some(cells)) = (part(table, "thead"), part(table, "tbody")) else { continue };
            assert_eq!(columns, cells, "{sample}: {}", table.html());
        }
    }
}

#[test]
fn no_two_regions_of_a_page_have_the_same_name() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        let named = |region: scraper::ElementRef<'_>| {
            let by = region.attr("aria-labelledby").map(|id| select(&format!("[id='{id}']")));
            let heading =
                by.and_then(|by| page.select(&by).next().map(|heading| heading.text().collect::<String>()));
            heading.or_else(|| region.attr("aria-label").map(str::to_owned))
        };
        let mut regions: Vec<String> = page
            .select(&select("section[aria-labelledby], section[aria-label], [role=region]"))
            .filter_map(named)
            .map(|region| region.trim().to_owned())
            .collect();
        let n_regions = regions.len();
        regions.sort_unstable();
        regions.dedup();
        assert_eq!(regions.len(), n_regions, "{sample}: {regions:?}");
    }
}

#[test]
fn no_page_has_a_script_or_a_style_in_it_nor_asks_another_host() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        assert_eq!(page.select(&select("style, script:not([src]), [style]")).count(), 0, "{sample}");
        for element in page.select(&select("*")) {
            let inline = element.value().attrs().find(|(attribute, _)| attribute.starts_with("on"));
            assert_eq!(inline, None, "{sample}");
        }
        for element in page.select(&select("[href], [src], [action]")) {
            let address = ["href", "src", "action"].iter().find_map(|it| element.attr(it)).unwrap();
            assert!(address.starts_with('/') || address.starts_with('#'), "{sample}: {address}");
        }
    }
}

#[test]
fn every_form_that_changes_something_behind_a_session_carries_its_token() {
    for sample in pages() {
        let page = Html::parse_document(&sample.text);
        for form in page.select(&select("form[method=post]")) {
            let is_open = ["/sign-in", "/set-up", "/join"].contains(&form.attr("action").unwrap());
            let has_token = form.select(&select("input[name=token]")).next().is_some();
            assert!(is_open || has_token, "{sample}: {}", form.html());
        }
    }
}
