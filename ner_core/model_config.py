"""What a model's published ``config.json`` says of its size."""

from pydantic import BaseModel, ConfigDict, Field


class ModelConfig(BaseModel):
    """The size of a model, under the names of ``config.json``.

    ``parameters`` counts all weights, embeddings and output head among them. An encoder keeps no
    keys and values: its ``num_key_value_heads`` are 0.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameters: int = Field(gt=0)
    vocab_size: int = Field(gt=0)
    hidden_size: int = Field(gt=0)
    tie_word_embeddings: bool = False
    num_hidden_layers: int = Field(gt=0)
    num_key_value_heads: int = Field(ge=0)
    head_dim: int = Field(gt=0)

    @property
    def embedding_parameters(self) -> int:
        """Weights of embeddings and output head, which no quantization of vLLM touches."""
        tables = 1 if self.tie_word_embeddings else 2
        return tables * self.vocab_size * self.hidden_size

    @property
    def kv_values_per_token(self) -> int:
        """Keys and values that a token leaves in the cache."""
        return 2 * self.num_hidden_layers * self.num_key_value_heads * self.head_dim
