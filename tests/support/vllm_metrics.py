"""Metrics of vLLM that the dashboard shows; a contract test looks for them in vLLM itself."""

VLLM_METRICS = {
    "vllm:kv_cache_usage_perc": {"model_name", "engine"},
    "vllm:num_requests_running": {"model_name", "engine"},
    "vllm:num_requests_waiting": {"model_name", "engine"},
}
