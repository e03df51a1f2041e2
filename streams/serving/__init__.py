"""The process `tagwire gpu-worker`: vLLM servers, supervised."""
