"""Alibaba Cloud Model Studio (DashScope): the Qwen models."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="alibaba",
    title="Alibaba Model Studio",
    origin="https://dashscope-intl.aliyuncs.com",
    speaks=openai_at("/compatible-mode/v1"),
    key_env=("DASHSCOPE_API_KEY",),
    base_url_env=("DASHSCOPE_BASE_URL",),
    base_url_hint="https://dashscope.aliyuncs.com/compatible-mode/v1 for mainland China",
    discovery=Discovery("/compatible-mode/v1/models", read_list),
    links=Links(
        keys="https://modelstudio.console.alibabacloud.com/?tab=dashboard#/api-key",
        docs="https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope",
        pricing="https://www.alibabacloud.com/help/en/model-studio/models",
    ),
    catalog="alibaba",
    hosts=("dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com", "dashscope.aliyuncs.com"),
)
