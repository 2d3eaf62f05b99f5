locals {
  run_filter = "resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${var.name}\" resource.labels.location=\"${var.region}\""

  # What each chart shows: of which metrics (by their names in the legend), put together how.
  charts = [
    {
      title  = "Outcomes that a read has confirmed, by caller"
      series = { for outcome in ["CANCELLED", "COMPLETED", "FAILED", "PENDING"] : outcome => "logging.googleapis.com/user/${google_logging_metric.outcome[outcome].name}" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", group = ["metric.label.caller"], type = "STACKED_BAR"
    },
    {
      title  = "Refused deliveries, and people not told"
      series = { for name in ["refused_deliveries", "failed_notifications"] : name => "logging.googleapis.com/user/${google_logging_metric.operate[name].name}" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", group = ["metric.label.caller"], type = "STACKED_BAR"
    },
    {
      title  = "Outcomes"
      series = { for outcome in local.outcomes : outcome => "logging.googleapis.com/user/${google_logging_metric.outcome[outcome].name}" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", group = [], type = "STACKED_BAR"
    },
    {
      title  = "Refusals and failures"
      series = { "" = "logging.googleapis.com/user/${google_logging_metric.errors.name}" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_SUM", group = ["metric.label.error", "metric.label.caller"], type = "STACKED_BAR"
    },
    {
      title  = "Latency of requests, 95th percentile (ms)"
      series = { "" = "run.googleapis.com/request_latencies" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", group = ["metric.label.response_code_class"], type = "LINE"
    },
    {
      title  = "Latency of Google's API, 95th percentile (ms)"
      series = { "" = "logging.googleapis.com/user/${google_logging_metric.upstream_latency.name}" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", group = [], type = "LINE"
    },
    {
      title  = "Cold starts, 95th percentile (ms)"
      series = { "" = "run.googleapis.com/container/startup_latencies" }
      align  = "ALIGN_DELTA", reduce = "REDUCE_PERCENTILE_95", group = [], type = "LINE"
    },
    {
      title  = "Instances"
      series = { "" = "run.googleapis.com/container/instance_count" }
      align  = "ALIGN_MAX", reduce = "REDUCE_SUM", group = ["metric.label.state"], type = "STACKED_AREA"
    },
  ]

  log_panels = [
    { title = "Who cancelled what", filter = "${local.log_filter}${local.outcome_filter}" },
    { title = "Refused", filter = "${local.log_filter}jsonPayload.error=(\"NOT_ALLOWED\" OR \"UNAUTHENTICATED\")" },
  ]
}

resource "google_monitoring_dashboard" "hook" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 48
      tiles = concat(
        [for i, panel in local.log_panels : {
          xPos = 24 * i, yPos = 0, width = 24, height = 16
          widget = {
            title     = panel.title
            logsPanel = { filter = panel.filter, resourceNames = ["projects/${data.google_project.this.number}"] }
          }
        }],
        [for i, chart in local.charts : {
          xPos = 24 * (i % 2), yPos = 16 + 16 * floor(i / 2), width = 24, height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [for legend, metric in chart.series : {
                plotType       = chart.type
                targetAxis     = "Y1"
                legendTemplate = join(" ", concat([legend], [for label in chart.group : "$${${replace(label, "metric.label.", "metric.labels.")}}"]))
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = "metric.type=\"${metric}\" ${local.run_filter}"
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.align
                      crossSeriesReducer = chart.reduce
                      groupByFields      = chart.group
                    }
                  }
                }
              }]
            }
          }
        }],
      )
    }
  })
}
