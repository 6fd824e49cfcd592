"""Drawing templates in tests."""

import re

from django import forms
from django.template import Context, Template
from django.test import RequestFactory

NUMBER = "500112197003124217"


def draw(source, request=None, **values):
    """What a template source with `{% load ui %}` renders to, without the blanks between tags."""
    if request is not None:
        values["request"] = request
    html = Template("{% load ui django_tables2 %}" + source).render(Context(values))
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html)).strip()


def get(path="/"):
    request = RequestFactory().get(path)
    request.revealed = set()
    return request


class Sheet(forms.Form):
    unit = forms.CharField(label="单位名称", initial="江合", disabled=True)
    kind = forms.ChoiceField(label="单位性质", choices=[("r", "研究院"), ("u", "大学")], initial="r", disabled=True)
    mobile = forms.CharField(label="手机", max_length=11, help_text="11 位数字")
    capital = forms.DecimalField(label="注册资本", required=False, widget=forms.TextInput)
    zone = forms.ChoiceField(label="新区", choices=[("a", "两江新区")], required=False)
    sex = forms.ChoiceField(label="性别", choices=[("m", "男"), ("f", "女")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="同意")
    reason = forms.CharField(label="原因", max_length=500, widget=forms.Textarea, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].read_only = self.fields["kind"].read_only = True
        self.fields["capital"].suffix = "万元"
        self.fields["zone"].show_optional = True
        self.fields["reason"].span = "full"

    def clean(self):
        if self.data.get("mobile") == "13800000000":
            raise forms.ValidationError("手机号码与联系人相同")
