//! The table of rights as the office and the app ask it, to be read and printed.

use leptos::prelude::*;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::policy::{Asker, Right, Sure, may};
use xiaohao_shared::model::{Duty, Person, Role};

use crate::components::Ui;
use crate::components::lean::all;

/// One of each: three roles and three officers.
fn everybody(ui: Ui) -> Vec<(&'static str, Person)> {
    let person = |role, duties: &[Duty]| Person {
        id: PersonId(0),
        name: String::new(),
        role,
        zones: [].into(),
        active: true,
        duties: duties.iter().copied().collect(),
    };
    let field = [Role::Cadre, Role::Inspector, Role::Supervisor].map(|role| (ui.t.role(role), person(role, &[])));
    let officers = Duty::ALL.map(|duty| (ui.t.duty(duty), person(Role::Administrator, &[duty])));
    field.into_iter().chain(officers).collect()
}

pub fn rights(ui: Ui) -> AnyView {
    let (t, people) = (ui.t, everybody(ui));
    let heads = people.iter().map(|(name, _)| view! { <th scope="col">{*name}</th> }.into_any());
    // What every device may is no right of anybody.
    let told = Right::ALL.iter().filter(|right| matches!(right.grant().asker, Asker::Roles(_) | Asker::Officer(_)));
    let rows = told.map(|right| {
        let cell = |(_, person): &(_, Person)| {
            let yes = may(person, *right);
            view! { <td>{if yes { "✓" } else { "" }}</td> }.into_any()
        };
        let reach = t.reach(right.grant().reach);
        let sure = if right.grant().sure == Sure::Fresh { "✓" } else { "" };
        view! {
            <tr>
                <th scope="row">{t.right(*right)}</th>
                {all(people.iter().map(cell))}
                <td>{reach}</td>
                <td>{sure}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <details class="panel more" data-testid="rights">
            <summary id="rights">{t.rights_table}</summary>
            <p class="prose">{t.rights_about}</p>
            <div class="sheet" role="region" tabindex="0" aria-label=t.rights_table>
                <table class="counts">
                    <thead>
                        <tr>
                            <th scope="col">{t.right_name}</th>
                            {all(heads)}
                            <th scope="col">{t.right_reach}</th>
                            <th scope="col">{t.right_sure}</th>
                        </tr>
                    </thead>
                    <tbody>{all(rows)}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
