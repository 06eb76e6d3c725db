"""Sample forms of the kit: one field of each kind."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.forms.fields import DecimalTextField, PortalForm, choices, required, short_text


class Answers(PortalForm):
    """One question of each kind."""

    name = StringField(
        "企业名称 / Organisation", [required("填写企业名称 / Enter the name"), short_text()]
    )
    quantity = DecimalTextField(
        "用电量 / Electricity bought", [required("填写用电量 / Enter a quantity")]
    )
    site = SelectField(
        "场所 / Site",
        [required("选择场所 / Choose a site")],
        choices=choices([("a", "苏州一厂"), ("b", "无锡仓库")], empty="–"),
    )
    boundary = RadioField(
        "组织边界 / Boundary",
        [required("选择一种方法 / Choose an approach")],
        choices=choices(
            [
                ("operational", "运营控制 / Operational control"),
                ("equity", "股权比例 / Equity share"),
            ]
        ),
        description="多数供应商采用运营控制。 / Most suppliers use operational control.",
    )
    fuels = SelectMultipleField(
        "燃料 / Fuels",
        choices=choices([("gas", "天然气 / Natural gas"), ("diesel", "柴油 / Diesel")]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    started_on = DateField("开始日期 / Started on", [Optional()])
    note = TextAreaField("备注 / Note", description="审核人员可见。 / The reviewer sees it.")
    files = MultipleFileField("证明材料 / Evidence")
    declared = BooleanField(
        "本人确认数据属实 / The figures are correct", [required("请确认 / Confirm this")]
    )


class LogIn(PortalForm):
    """Who comes in."""

    email = EmailField("邮箱 / E-mail", [required("填写邮箱 / Enter your e-mail address")])
    password = PasswordField("密码 / Password", [required("填写密码 / Enter your password")])
