//! Which Applications of the other side may also exist on this one, where that cannot be seen.

use serde_json::Value as Json;

use crate::application::Application;
use crate::preview::Preview;
use crate::problem::Problem;
use crate::sets::{Set, counterpart};

impl Preview {
    /// Says why an Application of another preview cannot be generated here, if its file cannot be read, its
    /// ApplicationSet fails, for Argo CD leaves all of a set as they are while one of them cannot be made, or another
    /// has its name.
    pub fn not_generated(&self, application: &Application, of: &Preview) -> Option<&Problem> {
        let set = counterpart(application, &self.sets, &of.sets);
        self.unmade.why(application, set.map(Set::object)).or_else(|| self.refusal(application))
    }

    /// Says why nobody here knows whether there is an Application that another preview has and this one has not: its
    /// ApplicationSet has a generator that only Argo CD can run, and the other one did not have it.
    pub fn hides(&self, application: &Application, of: &Preview) -> Option<String> {
        let here = counterpart(application, &self.sets, &of.sets)?;
        let there = of.sets.like(application.set()?);
        let there = there.iter().find(|set| application.set() == Some(set.object()));
        Some(match here.hides(there)? {
            "clusters" => {
                "its ApplicationSet has the generator clusters, and nobody says which clusters \
                           there are"
                    .to_owned()
            }
            kind => format!("its ApplicationSet has the generator {kind}, which needs a server"),
        })
    }

    /// Returns the ApplicationSet of another preview's Application as it is here, if its file still has it.
    pub(crate) fn set_of(&self, application: &Application) -> Option<&Json> {
        Some(counterpart(application, &self.sets, &self.sets)?.object())
    }
}
