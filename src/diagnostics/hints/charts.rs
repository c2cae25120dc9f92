//! Charts, and what runs outside of the build.

use super::hints;

hints! { CHARTS;
    CHARTS_NOT_ALLOWED "charts-not-allowed" {
        looks_at: "A kustomization has charts, and helm was not allowed.",
        example: "helmCharts:\n- {name: web, releaseName: web}",
        remedy: "--enable-helm lets kustom start helm; without, run `helm template` and list what it prints under `resources`."
    }
    CHART_WITHOUT_NAME "chart-without-name" {
        looks_at: "An entry of `helmCharts` has no name.",
        example: "helmCharts:\n- {repo: https://charts.example.com, version: 1.2.3}",
        remedy: "Give the entry a `name`, that of the chart's folder."
    }
    CHART_NOT_THERE "chart-not-there" {
        looks_at: "A chart lies in no folder of the tree, and has no repository.",
        example: "helmCharts:\n- {name: web} # there is no charts/web",
        remedy: "Put the chart into `charts/NAME`, or name its repository in `repo`."
    }
    CHART_ADDRESS_AS_NAME "chart-address-as-name" {
        looks_at: "The name of a chart is its whole address.",
        example: "helmCharts:\n- {name: oci://registry.example.com/charts/web}",
        remedy: "`name` is the chart alone, and its address stands in `repo`."
    }
    FILE_AS_CHART "file-as-chart" {
        looks_at: "A file has the name of the folder that a chart belongs to.",
        example: "charts/web # a file",
        remedy: "The chart would be fetched to there: move the file, or name another folder in `helmGlobals.chartHome`."
    }
    CHART_FOLDER_TAKEN "chart-folder-taken" {
        looks_at: "A chart would be fetched into a folder that is there since another chart was fetched into a folder below it.",
        example: "# chartHome: charts/web, name: cache\n# chartHome: charts, name: web",
        remedy: "Nothing is fetched into a folder that is there: give one of the charts another `chartHome`."
    }
    CHART_NAME_WITH_FOLDERS "chart-name-with-folders" {
        looks_at: "The name of a chart has folders in it.",
        example: "helmCharts:\n- {name: ../web, repo: https://charts.example.com}",
        remedy: "Name the chart alone, and its folder in `helmGlobals.chartHome`."
    }
    CHART_WITHOUT_VALUES "chart-without-values" {
        looks_at: "A chart has no values.yaml, and values are merged with it.",
        example: "helmCharts:\n- {name: web, valuesInline: {replicas: 2}}",
        remedy: "A chart without values.yaml needs a `valuesFile`."
    }
    EMPTY_VALUES "empty-values" {
        looks_at: "A file of values is empty, and values are merged with it.",
        example: "helmCharts:\n- {name: web, valuesFile: empty.yaml, valuesInline: {replicas: 2}}",
        remedy: "The values file is empty: write `{}`, or use `valuesMerge: replace`."
    }
    ADDRESS_AS_FURTHER_VALUES "address-as-further-values" {
        looks_at: "An entry of `additionalValuesFiles` is an address.",
        example: "additionalValuesFiles: ['https://example.com/values.yaml']",
        remedy: "additionalValuesFiles are files of the tree; `valuesFile` may be an address."
    }
    ABSOLUTE_FURTHER_VALUES "absolute-further-values" {
        looks_at: "An entry of `additionalValuesFiles` is an absolute path.",
        example: "additionalValuesFiles: [/app/values.yaml]",
        remedy: "The path is looked up below the kustomization: write it as seen from there."
    }
    ALIAS_IN_VALUES "alias-in-values" {
        looks_at: "A file of values has an alias where values are merged.",
        example: "resources: *limits # and valuesInline has resources",
        remedy: "Write out what the alias stands for."
    }
    CHART_OBJECT_TWICE "chart-object-twice" {
        looks_at: "A chart makes an object that is there already.",
        example: "helmCharts:\n- {name: web, releaseName: web}\n- {name: web, releaseName: web, namespace: other}",
        remedy: "Objects of charts merge with nothing: give each entry a `releaseName` of its own, or values that leave the object out."
    }
    LARGE_CHART "large-chart" {
        looks_at: "The folder of a chart is larger than a chart may be.",
        example: "helmGlobals: {chartHome: ..}",
        remedy: "Look for a link that leads back, and for what is no part of the chart in its folder."
    }
    CONFIG_OUTSIDE "config-outside" {
        looks_at: "`helmGlobals.configHome` lies outside of the tree.",
        example: "helmGlobals: {configHome: ../helm}",
        remedy: "A configuration of helm can name programs, so the tree brings its own or none; credentials come from the environment, such as HELM_REGISTRY_CONFIG."
    }
    CONFIG_WITH_PLUGINS "config-with-plugins" {
        looks_at: "`helmGlobals.configHome` brings a plugin of helm.",
        example: "helmGlobals: {configHome: helm} # there is helm/plugins/diff",
        remedy: "Plugins are programs, which a tree must not bring; remove them."
    }
    HELM_VERSION "helm-version" {
        looks_at: "The program that is to be helm is none, or of another version than 3 and 4.",
        example: "kustom build --enable-helm --helm-command ./helm2",
        remedy: "--helm-command names the program; version 3 and 4 are known."
    }
    OUTSIDE_PROGRAM "outside-program" {
        looks_at: "A program that the build asks, such as helm or a function, is not there, not allowed, or failed.",
        example: "kustom build --enable-helm # and helm is not installed",
        remedy: "Install it, allow it, or mend what it says."
    }
}
