//! Tables of the desk: wide ones scroll within a region that the keyboard reaches, and those of many words become cards on a
//! narrow screen. Knows no page and no data.

use leptos::prelude::*;

use super::lean::all;

/// Numbers, whose rows begin with a name. `label` is what the region is called for screen readers.
pub fn table(label: &str, heads: &[&'static str], rows: AnyView) -> AnyView {
    region(label, "counts", heads, rows)
}

/// Words, each row a card where the screen is narrow; made of [`card`].
pub fn cards(label: &str, heads: &[&'static str], rows: AnyView) -> AnyView {
    region(label, "counts stacked", heads, rows)
}

/// Numbers, each row a card of small fields where the screen is narrow; its cells say the names of their columns themselves.
pub fn figures(label: &str, heads: &[&'static str], rows: AnyView) -> AnyView {
    region(label, "counts figures", heads, rows)
}

/// Numbers behind the words of the second and third column, as when and by whom; cards of small fields as [`figures`] are.
pub fn dated(label: &str, heads: &[&'static str], rows: AnyView) -> AnyView {
    region(label, "counts figures dated", heads, rows)
}

/// A short name stays on one line, and a long one gets the room for two.
pub fn column_head(name: &'static str) -> AnyView {
    let signs = name.chars().count();
    let class = match (name.is_ascii(), signs) {
        (true, ..=4) | (false, ..=5) => "short",
        (true, 25..) | (false, 9..) => "long",
        _ => "middle",
    };
    view! { <th scope="col" class=class>{name}</th> }.into_any()
}

fn region(label: &str, class: &'static str, heads: &[&'static str], rows: AnyView) -> AnyView {
    let heads = heads.iter().copied().map(column_head);
    view! {
        <div class="sheet" role="region" tabindex="0" aria-label=label.to_string()>
            <table class=class>
                <thead>
                    <tr>{all(heads)}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

pub fn row<const N: usize>(name: AnyView, cells: [String; N]) -> AnyView {
    row_of(name, cells.map(IntoAny::into_any))
}

/// Of cells that are more than words, as a number that is a link.
pub fn row_of<const N: usize>(name: AnyView, cells: [AnyView; N]) -> AnyView {
    let cells = cells.into_iter().map(|cell| view! { <td>{cell}</td> }.into_any());
    view! {
        <tr>
            <th scope="row">{name}</th>
            {all(cells)}
        </tr>
    }
    .into_any()
}

/// A row of [`cards`]: each cell knows the head of its column, which a card says beside it.
pub fn card(testid: String, heads: &[&'static str], name: AnyView, cells: Vec<AnyView>) -> AnyView {
    let cells = heads.iter().skip(1).zip(cells);
    let cells = cells.map(|(head, cell)| view! { <td data-name=*head>{cell}</td> }.into_any());
    view! {
        <tr data-testid=testid>
            <th scope="row">{name}</th>
            {all(cells)}
        </tr>
    }
    .into_any()
}
