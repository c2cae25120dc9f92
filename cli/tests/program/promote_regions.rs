//! Environments below regions, and lists of regions.

use std::fs;

use super::promote_layout::{images, overlay, repository};
use super::{kustom, write};

#[test]
fn environments_may_lie_below_regions() {
    let dir = repository("layout-below-regions", &["apps/web"], &[]);
    for region in ["eu", "us"] {
        for env in ["dev", "staging"] {
            let text = format!(
                "resources: [../../../apps/web/base]\nimages: [{{name: web, newTag: {env}-{region}}}]\n"
            );
            write(&dir, &format!("clusters/{region}/{env}/kustomization.yaml"), &text);
        }
    }
    let table = "APP          IMAGE  EU/DEV  US/DEV  EU/STAGING  US/STAGING\n\
                 shop-config  web    dev-eu  dev-us  staging-eu  staging-us\n";
    assert_eq!(images(&dir, &[]), table);
    let said = kustom(&dir, &["promote", "dev", "staging"]).good();
    assert_eq!(
        said,
        "APP             IMAGE  STAGING     DEV\nshop-config/eu  web    staging-eu  dev-eu\n\
         shop-config/us  web    staging-us  dev-us\n"
    );
    let one = kustom(&dir, &["promote", "eu/dev", "eu/staging"]).good();
    assert_eq!(
        one,
        "APP          IMAGE  EU/STAGING  EU/DEV\nshop-config  web    staging-eu  dev-eu\n"
    );
}

#[test]
fn a_list_of_the_regions_of_an_environment_is_none() {
    let environments = ["dev/eu", "dev/us", "staging/eu", "staging/us"];
    let dir = repository("layout-region-lists", &["apps/web"], &environments);
    for env in environments {
        let file = overlay("apps/web", env);
        let text = fs::read_to_string(dir.join(&file)).expect("a file");
        write(&dir, &file, &format!("{text}nameSuffix: -{}\n", env.replace('/', "-")));
    }
    for env in ["dev", "staging"] {
        write(&dir, &overlay("apps/web", env), "resources: [eu, us]\nnamespace: web\n");
    }
    let table = "APP  IMAGE  DEV/EU  DEV/US  STAGING/EU  STAGING/US\n\
                 web  web    dev-eu  dev-us  staging-eu  staging-us\n";
    assert_eq!(images(&dir, &[]), table);
    let said = kustom(&dir, &["promote", "dev", "staging"]).good();
    let wanted = "APP     IMAGE  STAGING     DEV\nweb/eu  web    staging-eu  dev-eu\nweb/us  web    staging-us  dev-us\n";
    assert_eq!(said, wanted);
    // One that has no regions, or says something of images, is compared as a whole.
    for text in [
        "resources: [../../base]\nimages: [{name: web, newTag: v1}]\n",
        "resources: [eu, us]\nimages: [{name: web, newTag: v1}]\n",
    ] {
        write(&dir, &overlay("apps/web", "dev"), text);
        let ran = kustom(&dir, &["promote", "dev", "staging"]);
        assert!(ran.code == Some(2) && ran.out.contains("web: web staging"), "{}", ran.out);
    }
}
