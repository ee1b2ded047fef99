"""The model's dashboard: what is decided, for whom, and whether the model still may decide."""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel

MODEL = Board(
    "loanstream-model",
    "Loanstream / Model",
    "What the model decides, for whom, and whether it still may: outcomes, drift, reasons, performance, fairness.",
    (
        (
            "Decisions",
            (
                Panel(
                    "Outcomes a second",
                    (("sum by (outcome) (rate(loanstream_decisions_total[2m]))", "{{outcome}}"),),
                    "ops",
                    "stack",
                ),
                Panel(
                    "Approval rate",
                    (
                        ('sum by (window) (loanstream_window_outcome_ratio{outcome="approve"})', "{{window}}"),
                        ('loanstream_history_approval_ratio{window="long"}', "week before"),
                    ),
                    "percentunit",
                ),
                Panel(
                    "Probability of default",
                    (("sum by (le) (increase(loanstream_probability_of_default_ratio_bucket[5m]))", "{{le}}"),),
                    kind="heat",
                ),
                Panel(
                    "Decisions a second by model version",
                    (("sum by (model_version) (rate(loanstream_decisions_total[2m]))", "version {{model_version}}"),),
                    "ops",
                ),
                Panel(
                    "Modes",
                    (("sum by (mode) (rate(loanstream_decision_modes_total[2m]))", "{{mode}}"),),
                    "ops",
                    "stack",
                ),
                Panel("Decisions in the windows", (("loanstream:window_decisions:sum", "{{window}}"),)),
            ),
        ),
        (
            "Drift",
            (
                Panel(
                    "PSI of the score",
                    (("max by (window, against) (loanstream_score_psi)", "{{window}} against {{against}}"),),
                    limit=0.25,
                ),
                Panel(
                    "PSI by feature, twenty highest",
                    (
                        (
                            'topk(20, max by (feature) (loanstream_feature_psi{window="medium", against="training"}))',
                            "{{feature}}",
                        ),
                    ),
                    kind="lines",
                    limit=0.25,
                    width=16,
                ),
                Panel(
                    "Drift now",
                    (
                        (
                            'topk(40, max by (feature) (loanstream_feature_psi{window="short", against="training"}))',
                            "{{feature}}",
                        ),
                    ),
                    kind="table",
                ),
                Panel(
                    "Missing more often than in training",
                    (
                        (
                            "topk(20, max by (feature) "
                            '(loanstream_feature_missing_shift_ratio{window="medium", against="training"}))',
                            "{{feature}}",
                        ),
                    ),
                    "percentunit",
                    limit=0.1,
                ),
                Panel(
                    "Share of drifted features",
                    (
                        (
                            "max by (window, against) (loanstream_drifted_features_ratio)",
                            "{{window}} against {{against}}",
                        ),
                    ),
                    "percentunit",
                ),
            ),
        ),
        (
            "Reasons",
            (
                Panel(
                    "Reasons against approval",
                    (
                        (
                            'topk(15, max by (reason) (loanstream_window_reason_ratio{side="against"}))',
                            "{{reason}}",
                        ),
                    ),
                    "percentunit",
                    width=12,
                ),
                Panel(
                    "Explanations that did not add up, reasons that failed their check",
                    (
                        ("sum(increase(ray_loanstream_additivity_failures_total[10m])) or vector(0)", "additivity"),
                        (
                            "sum(increase(ray_loanstream_reason_counterfactual_failures_total[10m])) or vector(0)",
                            "counterfactual",
                        ),
                    ),
                    width=12,
                ),
            ),
        ),
        (
            "Performance",
            (
                Panel(
                    "Gini: realised and estimated",
                    (
                        (
                            'sum by (kind, sample) (loanstream_performance_ratio{measure="gini"})',
                            "{{kind}} on {{sample}}",
                        ),
                    ),
                ),
                Panel(
                    "Cost per client",
                    (
                        (
                            "sum by (kind, sample) (loanstream_cost_per_client_units)",
                            "{{kind}} on {{sample}}",
                        ),
                    ),
                ),
                Panel(
                    "Default rate by score band",
                    (("sum by (band, kind) (loanstream_band_default_ratio)", "{{band}} {{kind}}"),),
                    "percentunit",
                    needs="labels",
                ),
                Panel(
                    "Outcomes known",
                    (("sum by (state) (loanstream_labelled_decisions_count)", "{{state}}"),),
                ),
                Panel(
                    "Challenger: swaps and score PSI",
                    (
                        ("sum by (side) (loanstream_shadow_swapped_ratio)", "swapped {{side}}"),
                        ("sum(loanstream_shadow_score_psi)", "score PSI"),
                    ),
                    needs="challenger",
                ),
                Panel(
                    "Challenger: cost at equal approval rate",
                    (("sum by (model) (loanstream_shadow_cost_per_client_units)", "{{model}}"),),
                    needs="challenger",
                ),
            ),
        ),
        (
            "Fairness",
            (
                Panel(
                    "Approval by group",
                    (
                        (
                            "max by (feature, group) (loanstream_window_group_approval_ratio)",
                            "{{feature}}: {{group}}",
                        ),
                    ),
                    "percentunit",
                    width=12,
                    needs="protected features in the model",
                    text="Of protected features that the model reads; a difference is a question, not yet an answer.",
                ),
                Panel(
                    "Lowest against highest approval rate of a feature's groups",
                    (
                        (
                            "min by (feature) (loanstream_window_group_approval_ratio) / "
                            "max by (feature) (loanstream_window_group_approval_ratio)",
                            "{{feature}}",
                        ),
                    ),
                    "percentunit",
                    width=12,
                    needs="protected features in the model",
                    text="The four-fifths rule looks at 80 %.",
                ),
            ),
        ),
    ),
    span="now-24h",
)
