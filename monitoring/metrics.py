"""The monitor's metrics: names with units, and labels that cannot grow without bound (never an applicant's id)."""

from __future__ import annotations

from typing import Final

# The SLO's bound, 1 s, is one of them: an alert reads it off exactly.
LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0)
PROBABILITY_BUCKETS: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)

DECISIONS: Final = "loanstream_decisions"
DECISION_MODES: Final = "loanstream_decision_modes"
END_TO_END: Final = "loanstream_end_to_end_seconds"
PROBABILITY: Final = "loanstream_probability_of_default_ratio"
DEAD_LETTERS: Final = "loanstream_dead_letters"
LATE: Final = "loanstream_monitor_late_decisions"
UNREADABLE: Final = "loanstream_monitor_unreadable_records"
BAD_OUTCOMES: Final = "loanstream_monitor_unreadable_outcomes"
BAD_SHADOWS: Final = "loanstream_monitor_unreadable_shadow_records"
REPORT_FAILURES: Final = "loanstream_monitor_report_failures"

WATERMARK: Final = "loanstream_monitor_watermark_timestamp_seconds"
LAST_TICK: Final = "loanstream_monitor_last_tick_timestamp_seconds"
LAST_SNAPSHOT: Final = "loanstream_monitor_last_snapshot_timestamp_seconds"
LAST_REPORT: Final = "loanstream_monitor_last_report_timestamp_seconds"
AUDIT_LAG: Final = "loanstream_monitor_audit_lag_records"
WAITING: Final = "loanstream_monitor_waiting_for_reference_count"
COMPLETENESS_GAP: Final = "loanstream_completeness_gap_offsets"
COMPLETENESS_OVERLAP: Final = "loanstream_completeness_overlap_offsets"
COMPLETENESS_COVERED: Final = "loanstream_completeness_covered_offsets"
COMPLETENESS_CHECKED: Final = "loanstream_completeness_checked_timestamp_seconds"
INTAKE_LAG_S: Final = "loanstream_intake_lag_seconds"
INTAKE_LAG: Final = "loanstream_intake_lag_records"
INTAKE_END: Final = "loanstream_intake_applications"

WINDOW_S: Final = "loanstream_window_seconds"
WINDOW_N: Final = "loanstream_window_decisions_count"
WINDOW_OUTCOME: Final = "loanstream_window_outcome_ratio"
WINDOW_VERSIONS: Final = "loanstream_window_model_versions_count"
APPROVAL_BEFORE: Final = "loanstream_history_approval_ratio"
REASON_SHARE: Final = "loanstream_window_reason_ratio"
GROUP_APPROVAL: Final = "loanstream_window_group_approval_ratio"
FEATURE_PSI: Final = "loanstream_feature_psi"
FEATURE_VALUES: Final = "loanstream_feature_values_count"
FEATURE_JS: Final = "loanstream_feature_js_distance"
MISSING_SHIFT: Final = "loanstream_feature_missing_shift_ratio"
OUT_OF_RANGE: Final = "loanstream_feature_out_of_range_ratio"
UNKNOWN: Final = "loanstream_feature_unknown_category_ratio"
SCORE_PSI: Final = "loanstream_score_psi"
SCORE_JS: Final = "loanstream_score_js_distance"
REASON_PSI: Final = "loanstream_reason_psi"
REASON_JS: Final = "loanstream_reason_js_distance"
DRIFTED: Final = "loanstream_drifted_features_ratio"
PERFORMANCE: Final = "loanstream_performance_ratio"
COST_PER_CLIENT: Final = "loanstream_cost_per_client_units"
BAND_DEFAULTS: Final = "loanstream_band_default_ratio"
LABELLED: Final = "loanstream_labelled_decisions_count"
SHADOW_COMPARED: Final = "loanstream_shadow_compared_decisions_count"
SHADOW_SWAPPED: Final = "loanstream_shadow_swapped_ratio"
SHADOW_PSI: Final = "loanstream_shadow_score_psi"
SHADOW_COST: Final = "loanstream_shadow_cost_per_client_units"
EVIDENTLY: Final = "loanstream_evidently_psi"

HELP: Final = {
    DECISIONS: "Decisions read from the audit topic.",
    DECISION_MODES: "Decisions by how complete they were.",
    DEAD_LETTERS: "Dead letters that audit records tell of.",
    LATE: "Decisions too late for their window.",
    UNREADABLE: "Audit records that could not be read.",
    BAD_OUTCOMES: "Outcomes that could not be read.",
    BAD_SHADOWS: "Records of a challenger's answers that could not be read.",
    REPORT_FAILURES: "Reports that failed or took too long.",
    INTAKE_END: "Applications appended to the applications topic.",
    WATERMARK: "Newest event time seen, Unix time.",
    LAST_TICK: "When drift was last computed, Unix time.",
    LAST_SNAPSHOT: "When state was last saved, Unix time.",
    LAST_REPORT: "When a report was last finished, Unix time.",
    AUDIT_LAG: "Audit records not read yet.",
    WAITING: "Model versions whose reference is waited for.",
    END_TO_END: "From an application's submission to its decision, seconds.",
    PROBABILITY: "Probability of default.",
    WINDOW_S: "Length of a rolling window, seconds.",
    WINDOW_N: "Decisions in a rolling window.",
    WINDOW_OUTCOME: "Share of an outcome among a window's decisions.",
    WINDOW_VERSIONS: "Model versions that decided within a window.",
    APPROVAL_BEFORE: "Share of approvals in the period before the window.",
    REASON_SHARE: "Share of a reason code among all reasons given in a window, by side (for or against approval).",
    GROUP_APPROVAL: "Share of approvals within a group of a protected feature.",
    FEATURE_VALUES: "Values of a feature that are present in the window: what its PSI is computed on.",
    FEATURE_PSI: "Population stability index of a feature on reference bins.",
    FEATURE_JS: "Jensen-Shannon distance (base 2) of a feature on reference bins.",
    MISSING_SHIFT: "Missing rate of a feature in the window minus in the reference.",
    OUT_OF_RANGE: "Share of a window's rows outside the reference's range.",
    UNKNOWN: "Share of a window's rows with a category that the catalog lacks.",
    SCORE_PSI: "Population stability index of the probability of default.",
    SCORE_JS: "Jensen-Shannon distance (base 2) of the probability of default.",
    REASON_PSI: "Population stability index of the reason codes, by side.",
    REASON_JS: "Jensen-Shannon distance (base 2) of the reason codes, by side.",
    DRIFTED: "Share of features whose PSI is 0.2 or more.",
    PERFORMANCE: "Performance by measure, none with a unit; kind realised (matured outcomes) or estimated (CBPE).",
    COST_PER_CLIENT: "Cost of a decision at the policy's threshold, in the policy's unit; kind realised or estimated.",
    BAND_DEFAULTS: "Default rate of a score band; kind realised or estimated.",
    LABELLED: "Decisions with a known outcome: matured ones, and all.",
    SHADOW_COMPARED: "Decisions that a challenger scored too: all, and those with a known outcome.",
    SHADOW_SWAPPED: "Share that only the challenger approves (in), or only the champion (out).",
    SHADOW_PSI: "Population stability index of the challenger's scores against the champion's.",
    SHADOW_COST: "Cost of a decision at the champion's approval rate where outcomes are known, in the policy's unit.",
    EVIDENTLY: "PSI of a column in Evidently's last report.",
    COMPLETENESS_GAP: "Consumed applications that no audit record answers, by partition; must be 0.",
    COMPLETENESS_OVERLAP: "Applications that audit records answer more than once, by partition; must be 0.",
    COMPLETENESS_COVERED: "Offsets of the applications topic that audit records answer, by partition.",
    COMPLETENESS_CHECKED: "When offsets and audit records were last reconciled, Unix time.",
    INTAKE_LAG_S: "Age of the oldest application that no gateway has committed, seconds.",
    INTAKE_LAG: "Applications that no gateway has committed.",
}
